// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string_view>

namespace mdev {

/// Writes all of `text`; false, with errno, if that fails. A file that reaches
/// the limit of its size (RLIMIT_FSIZE) is such a failure, EFBIG: the signal
/// SIGXFSZ, which would end the process between a script's `pre` and `post`, is
/// blocked in this thread during the write.
bool write_all(int fd, std::string_view text) noexcept;

}
