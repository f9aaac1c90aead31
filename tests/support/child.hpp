// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <functional>
#include <string>
#include <sys/syscall.h>
#include <vector>

// Architectures with 32 bits have another name for this call.
#ifndef SYS_newfstatat
#define SYS_newfstatat SYS_fstatat64
#endif

namespace mdev::test {

/// Runs `work` in a child process, for changes that a process cannot undo.
/// Returns the result of `work`, or the text of its exception.
std::string outcome_in_child(const std::function<std::string()>& work);

/// A system call. With `bits`, only calls that have one of these bits in the
/// specified argument.
struct SystemCall {
    unsigned number;
    unsigned argument = 0;
    unsigned bits = 0;
};

/// Makes these system calls of this process fail with `error`. If this is not
/// possible, the result of this child is `cannot_forbid`.
void forbid(const SystemCall& call, unsigned error);

/// The calls that fstat(2) of the C library makes: one or the other,
/// depending on the release of glibc, the architecture and sanitizers.
std::vector<SystemCall> calls_of_fstat();

extern const std::string cannot_forbid;

/// Returns the result of `work` in a child in which these calls fail with
/// `error`.
std::string outcome_without(const std::vector<SystemCall>& calls,
    unsigned error, const std::function<std::string()>& work);

/// Returns whether posix_spawn(3) reports that a file cannot be executed. In
/// qemu's emulation of programs it does not, because vfork(2) is a fork there.
bool spawn_reports_errors();

/// Returns the name of this process in /proc.
std::string own_name();

}
