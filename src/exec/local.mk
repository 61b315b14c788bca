# SPDX-License-Identifier: MIT
#
# Static, so that it needs no library of the machine once the file system is taken away, and starts
# fast. A sanitizer build links it as everything else.
libexec_PROGRAMS += tau-exec
tau_exec_SOURCES = \
	src/exec/box.c src/exec/box.h \
	src/exec/child.c src/exec/child.h \
	src/exec/filter.c src/exec/filter.h \
	src/exec/grant.c src/exec/grant.h \
	src/exec/main.c \
	src/exec/meta.c src/exec/meta.h \
	src/exec/plan.c src/exec/plan.h \
	src/exec/privs.c src/exec/privs.h \
	src/exec/reap.c src/exec/reap.h \
	src/exec/rules.c src/exec/rules.h \
	src/exec/watch.c src/exec/watch.h
# It is no command for people.
AM_INSTALLCHECK_STD_OPTIONS_EXEMPT = tau-exec
tau_exec_LDADD = libbase.a $(SECCOMP_LIBS)
if SANITIZED
tau_exec_LDFLAGS = $(AM_LDFLAGS)
else
tau_exec_LDFLAGS = -static-pie -Wl,-z,relro,-z,now,-z,noexecstack
endif
