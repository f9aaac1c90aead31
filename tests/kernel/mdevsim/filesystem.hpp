// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "references.hpp"

#define FUSE_USE_VERSION 35
#include <fuse3/fuse_lowlevel.h>

namespace mdevsim {

/// Shows a model as a file system: answers the requests of FUSE.
struct Filesystem {
    explicit Filesystem(Model& model_, uid_t uid_, gid_t gid_)
        : model(model_),
          inodes(model_.root()),
          uid(uid_),
          gid(gid_)
    {
    }

    /// The callbacks of a session whose user data is a Filesystem.
    static fuse_lowlevel_ops operations();

    Model& model;
    Inodes inodes;
    Handles<OpenFile> files;
    Handles<OpenDirectory> directories;
    uid_t uid; ///< the time of all files
    gid_t gid;
};

}
