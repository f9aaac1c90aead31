// SPDX-License-Identifier: LGPL-2.1-or-later
#include "filesystem.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <fcntl.h>
#include <linux/fuse.h>

#ifndef FOPEN_PARALLEL_DIRECT_WRITES
#define FOPEN_PARALLEL_DIRECT_WRITES (1 << 6)
#endif

namespace mdevsim {

namespace {

// The maximum size of one write to sysfs.
constexpr std::size_t write_max = 4096;

Filesystem& filesystem(fuse_req_t request)
{
    return *static_cast<Filesystem*>(fuse_req_userdata(request));
}

struct stat status_of(const Filesystem& fs, const Node& node)
{
    auto status = fs.model.status(node);
    status.st_uid = fs.uid;
    status.st_gid = fs.gid;
    return status;
}

// A number is unknown only in a late request about a removed file.
NodePtr node_or_error(fuse_req_t request, fuse_ino_t number)
{
    auto node = filesystem(request).inodes.find(number);
    if (!node)
        fuse_reply_err(request, ENOENT);
    return node;
}

void start(void*, fuse_conn_info* connection)
{
    // With this flag, opening with O_TRUNC would empty the file for the kernel,
    // and a write would count as one that makes the file longer.
    connection->want &= ~static_cast<unsigned>(FUSE_CAP_ATOMIC_O_TRUNC);
    connection->want &= ~static_cast<unsigned>(FUSE_CAP_SPLICE_READ);
}

void look_up(fuse_req_t request, fuse_ino_t parent, const char* name)
{
    auto& fs = filesystem(request);
    auto directory = node_or_error(request, parent);
    if (!directory)
        return;
    auto node = fs.model.find(*directory, name);
    if (!node) {
        fuse_reply_err(request, ENOENT);
        return;
    }
    fs.inodes.remember(node);
    fuse_entry_param entry{};
    entry.ino = node->number();
    entry.attr = status_of(fs, *node);
    if (fuse_reply_entry(request, &entry) < 0)
        fs.inodes.forget(entry.ino, 1);
}

void forget(fuse_req_t request, fuse_ino_t number, std::uint64_t references)
{
    filesystem(request).inodes.forget(number, references);
    fuse_reply_none(request);
}

void forget_all(
    fuse_req_t request, std::size_t count, fuse_forget_data* forgotten)
{
    for (std::size_t i = 0; i < count; ++i)
        filesystem(request).inodes.forget(
            forgotten[i].ino, forgotten[i].nlookup);
    fuse_reply_none(request);
}

void reply_status(fuse_req_t request, const Node& node)
{
    auto status = status_of(filesystem(request), node);
    fuse_reply_attr(request, &status, 0);
}

void tell_status(fuse_req_t request, fuse_ino_t number, fuse_file_info*)
{
    if (auto node = node_or_error(request, number))
        reply_status(request, *node);
}

// Truncating and touching succeed and change nothing, like in sysfs.
void set_status(fuse_req_t request, fuse_ino_t number, struct stat* wanted,
    int what, fuse_file_info*)
{
    auto& fs = filesystem(request);
    auto node = node_or_error(request, number);
    if (!node)
        return;
    if (((what & FUSE_SET_ATTR_UID) && wanted->st_uid != fs.uid) ||
        ((what & FUSE_SET_ATTR_GID) && wanted->st_gid != fs.gid)) {
        fuse_reply_err(request, EPERM);
        return;
    }
    if (what & FUSE_SET_ATTR_MODE)
        fs.model.set_mode(*node, wanted->st_mode);
    reply_status(request, *node);
}

void read_link(fuse_req_t request, fuse_ino_t number)
{
    if (auto node = node_or_error(request, number))
        fuse_reply_readlink(request, node->target().c_str());
}

// libfuse 3.14 has no name for the flag that allows simultaneous writers of one
// file, so the answer is built here.
bool reply_open(fuse_req_t request, std::uint64_t handle)
{
    fuse_open_out reply{};
    reply.fh = handle;
    reply.open_flags = FOPEN_DIRECT_IO | FOPEN_PARALLEL_DIRECT_WRITES;
    const auto* bytes = reinterpret_cast<const char*>(&reply);
    return fuse_reply_buf(request, bytes, sizeof reply) == 0;
}

void open(fuse_req_t request, fuse_ino_t number, fuse_file_info* info)
{
    auto& fs = filesystem(request);
    auto node = node_or_error(request, number);
    if (!node)
        return;
    int access = info->flags & O_ACCMODE;
    int error =
        fs.model.check_access(*node, access != O_WRONLY, access != O_RDONLY);
    if (error) {
        fuse_reply_err(request, error);
        return;
    }
    auto handle = fs.files.add(node);
    if (!reply_open(request, handle))
        fs.files.erase(handle);
}

void close(fuse_req_t request, fuse_ino_t, fuse_file_info* info)
{
    filesystem(request).files.erase(info->fh);
    fuse_reply_err(request, 0);
}

// Returns 0 or an errno.
int refresh(const Model& model, OpenFile& file, off_t offset)
{
    if (offset != 0 && file.text)
        return model.is_gone(*file.node) ? ENODEV : 0;
    return model.read(*file.node, file.text.emplace());
}

void read(fuse_req_t request, fuse_ino_t, std::size_t size, off_t offset,
    fuse_file_info* info)
{
    auto& fs = filesystem(request);
    auto file = fs.files.find(info->fh);
    std::lock_guard lock(file->mutex);
    if (int error = refresh(fs.model, *file, offset)) {
        fuse_reply_err(request, error);
        return;
    }
    auto start = std::min(static_cast<std::size_t>(offset), file->text->size());
    auto length = std::min(size, file->text->size() - start);
    fuse_reply_buf(request, file->text->data() + start, length);
}

// The offset is ignored: one write is one message.
void write(fuse_req_t request, fuse_ino_t, const char* bytes, std::size_t size,
    off_t, fuse_file_info* info)
{
    auto taken = std::min(size, write_max);
    auto& fs = filesystem(request);
    fs.model.write(fs.files.find(info->fh)->node, std::string(bytes, taken),
        [request, taken](int error) {
            if (error)
                fuse_reply_err(request, error);
            else
                fuse_reply_write(request, taken);
        });
}

void open_dir(fuse_req_t request, fuse_ino_t number, fuse_file_info* info)
{
    auto& fs = filesystem(request);
    auto node = node_or_error(request, number);
    if (!node)
        return;
    info->fh = fs.directories.add(node);
    if (fuse_reply_open(request, info) != 0)
        fs.directories.erase(info->fh);
}

void close_dir(fuse_req_t request, fuse_ino_t, fuse_file_info* info)
{
    filesystem(request).directories.erase(info->fh);
    fuse_reply_err(request, 0);
}

constexpr std::array dots{".", ".."};

class DirectoryPage {
public:
    DirectoryPage(fuse_req_t request, std::size_t size)
        : request_(request),
          bytes_(size)
    {
    }

    /// Returns whether the buffer had space for the entry with that number.
    bool add(const OpenDirectory& open, std::size_t at)
    {
        bool is_dots = at < dots.size();
        const auto& node =
            is_dots ? *open.node : *open.children[at - dots.size()];
        struct stat status {};
        status.st_ino = node.number();
        status.st_mode = node.type_bits();
        auto size = fuse_add_direntry(request_, bytes_.data() + used_,
            bytes_.size() - used_, is_dots ? dots[at] : node.name().c_str(),
            &status, static_cast<off_t>(at + 1));
        if (size > bytes_.size() - used_)
            return false;
        used_ += size;
        return true;
    }

    void reply() { fuse_reply_buf(request_, bytes_.data(), used_); }

private:
    fuse_req_t request_;
    std::vector<char> bytes_;
    std::size_t used_ = 0;
};

void read_dir(fuse_req_t request, fuse_ino_t, std::size_t size, off_t offset,
    fuse_file_info* info)
{
    auto& fs = filesystem(request);
    auto open = fs.directories.find(info->fh);
    std::lock_guard lock(open->mutex);
    if (offset == 0)
        open->children = fs.model.children(*open->node);
    DirectoryPage page(request, size);
    auto at = static_cast<std::size_t>(offset);
    while (at < dots.size() + open->children.size() && page.add(*open, at))
        ++at;
    page.reply();
}

// The answer of sysfs, which does not support these requests.

void no_create(
    fuse_req_t request, fuse_ino_t, const char*, mode_t, fuse_file_info*)
{
    fuse_reply_err(request, EACCES);
}

void no_mknod(fuse_req_t request, fuse_ino_t, const char*, mode_t, dev_t)
{
    fuse_reply_err(request, EPERM);
}

void no_mkdir(fuse_req_t request, fuse_ino_t, const char*, mode_t)
{
    fuse_reply_err(request, EPERM);
}

void no_removal(fuse_req_t request, fuse_ino_t, const char*)
{
    fuse_reply_err(request, EPERM);
}

void no_symlink(fuse_req_t request, const char*, fuse_ino_t, const char*)
{
    fuse_reply_err(request, EPERM);
}

void no_rename(fuse_req_t request, fuse_ino_t, const char*, fuse_ino_t,
    const char*, unsigned)
{
    fuse_reply_err(request, EPERM);
}

void no_link(fuse_req_t request, fuse_ino_t, fuse_ino_t, const char*)
{
    fuse_reply_err(request, EPERM);
}

}

fuse_lowlevel_ops Filesystem::operations()
{
    fuse_lowlevel_ops ops{};
    ops.init = start;
    ops.lookup = look_up;
    ops.forget = forget;
    ops.forget_multi = forget_all;
    ops.getattr = tell_status;
    ops.setattr = set_status;
    ops.readlink = read_link;
    ops.open = open;
    ops.release = close;
    ops.read = read;
    ops.write = write;
    ops.opendir = open_dir;
    ops.releasedir = close_dir;
    ops.readdir = read_dir;
    ops.create = no_create;
    ops.mknod = no_mknod;
    ops.mkdir = no_mkdir;
    ops.unlink = no_removal;
    ops.rmdir = no_removal;
    ops.symlink = no_symlink;
    ops.rename = no_rename;
    ops.link = no_link;
    return ops;
}

}
