// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <sys/stat.h>
#include <unordered_map>
#include <vector>

namespace mdevsim {

// The permissions of an attribute in sysfs.
constexpr mode_t read_only = 0444;
constexpr mode_t write_only = 0200;
constexpr mode_t read_write = 0644;
// The size that sysfs reports for all attributes, whatever their text is.
constexpr std::size_t attribute_size = 4096;

class Node;
using NodePtr = std::shared_ptr<Node>;

/// Returns the text of an attribute; nothing means EIO.
using Show = std::function<std::optional<std::string>()>;
/// Handles one whole write. Returns 0 or an errno.
using Store = std::function<int(const std::string& text)>;

/// One entry of the simulated tree. Not thread-safe: Model has the lock.
class Node {
public:
    enum class Kind { directory, file, link };

    static NodePtr root();

    /// Returns the directory at this relative path. Creates missing
    /// directories.
    NodePtr directory(const std::string& path);
    /// Adds an attribute. Without a store function, it cannot be opened for
    /// writing.
    NodePtr file(
        const std::string& name, mode_t mode, Show show, Store store = {});
    /// Adds a relative link to target, like the links of the kernel.
    NodePtr link(const std::string& name, const Node& target);
    void erase(const std::string& name);

    NodePtr find(const std::string& name) const;
    std::vector<NodePtr> children() const;

    // These values never change, so they need no lock:
    mode_t type_bits() const;
    std::uint64_t number() const { return number_; }
    const std::string& name() const { return name_; }
    const std::string& target() const { return target_; }

    const Show& show() const { return show_; }
    const Store& store() const { return store_; }
    Node* parent() const { return parent_; }
    /// Returns whether the entry was erased; open files still refer to it.
    bool is_gone() const { return gone_; }

    /// Returns the path below the root, without a leading slash. An erased
    /// entry keeps its path.
    std::string path() const;
    /// Returns the path, then the paths through the alias of a directory above
    /// it.
    std::vector<std::string> spellings() const;
    void set_alias(std::string path) { alias_ = std::move(path); }

    struct stat status() const;
    void set_mode(mode_t mode);

private:
    using Numbers = std::shared_ptr<std::uint64_t>;

    Node(Kind kind, std::string name, mode_t mode, Numbers numbers);
    NodePtr add(Kind kind, const std::string& name, mode_t mode);
    void die();

    Kind kind_;
    std::string name_;
    mode_t mode_;
    Numbers numbers_;
    std::uint64_t number_;
    timespec born_{};
    Node* parent_ = nullptr;
    bool gone_ = false;
    unsigned subdirectories_ = 0;
    std::unordered_map<std::string, NodePtr> children_;
    std::string target_;
    std::string alias_;
    std::string last_path_;
    Show show_;
    Store store_;
};

}
