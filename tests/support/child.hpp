// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <functional>
#include <string>
#include <sys/syscall.h>
#include <vector>

// Architectures of 32 bits have another name for it.
#ifndef SYS_newfstatat
#define SYS_newfstatat SYS_fstatat64
#endif

namespace mdev::test {

/// What `work` returns, or the text of what it throws, done by a process of
/// its own: for what a process cannot take back.
std::string outcome_in_child(const std::function<std::string()>& work);

/// A system call: every one of that number, or, where there are `bits`, those
/// that have one of them in that argument.
struct SystemCall {
    unsigned number;
    unsigned argument = 0;
    unsigned bits = 0;
};

/// From now on this process gets `error` from those system calls. Where that
/// cannot be had, the outcome of this child is `cannot_forbid`.
void forbid(const SystemCall& call, unsigned error);

extern const std::string cannot_forbid;

/// What becomes of `work` in a child that gets `error` from those calls.
std::string outcome_without(const std::vector<SystemCall>& calls,
    unsigned error, const std::function<std::string()>& work);

/// Whether posix_spawn(3) reports that a file cannot be executed. qemu's
/// emulation of programs does not: its vfork(2) is a fork.
bool spawn_reports_errors();

/// The name of this process in /proc.
std::string own_name();

}
