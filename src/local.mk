# SPDX-License-Identifier: MIT
include src/base/local.mk
include src/text/local.mk
include src/json/local.mk
include src/contract/local.mk
include src/store/local.mk
include src/state/local.mk
include src/net/local.mk
include src/model/local.mk
include src/policy/local.mk
include src/tool/local.mk
include src/agent/local.mk
include src/core/local.mk
include src/gateway/local.mk
include src/watch/local.mk
include src/exec/local.mk
include src/cli/local.mk
