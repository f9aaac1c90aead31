// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <mdev/error.hpp>

#include <exception>
#include <string_view>
#include <vector>

/// A meaning of the exit status. Scripts rely on the numbers: never change one,
/// append new ones.
struct ExitCode {
    int number;
    std::string_view meaning;
    std::vector<mdev::Errc> errors;
};

const std::vector<ExitCode>& exit_codes();

/// Prints the error, and for a UsageError a hint; returns the exit status.
int explain(const std::exception& error);

constexpr int exit_usage = 2;
constexpr int exit_warnings = 18;
constexpr int exit_errors = 19;
constexpr int exit_differs = 20;
