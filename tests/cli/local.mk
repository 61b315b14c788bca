# SPDX-License-Identifier: MIT
#
# The real program from outside: scripts that start it with a store, a home and a workspace of its
# own. What they share is tests/cli/lib.sh.
