// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "model.hpp"

#include <optional>

namespace mdevsim {

/// The nodes that the real kernel knows, by their numbers.
class Inodes {
public:
    explicit Inodes(NodePtr root);

    /// Returns nothing if the kernel does not know the number.
    NodePtr find(std::uint64_t number) const;
    /// Counts one more reference by the kernel.
    void remember(const NodePtr& node);
    void forget(std::uint64_t number, std::uint64_t references);

private:
    struct Known {
        NodePtr node;
        std::uint64_t references = 0;
    };

    mutable std::mutex mutex_;
    NodePtr root_;
    std::unordered_map<std::uint64_t, Known> known_;
};

/// An open attribute. A read at offset 0 makes the text. Later reads continue
/// in the same text, so that no reader gets parts of two texts.
struct OpenFile {
    NodePtr node;
    std::mutex mutex{};
    std::optional<std::string> text{};
};

/// An open directory, with its entries at the last read from the start.
struct OpenDirectory {
    NodePtr node;
    std::mutex mutex{};
    std::vector<NodePtr> children{};
};

/// The open files, by the numbers that the real kernel returns.
template <typename Open> class Handles {
public:
    std::uint64_t add(const NodePtr& node)
    {
        std::lock_guard lock(mutex_);
        open_.emplace(++last_, std::shared_ptr<Open>(new Open{node}));
        return last_;
    }

    std::shared_ptr<Open> find(std::uint64_t number) const
    {
        std::lock_guard lock(mutex_);
        return open_.at(number);
    }

    void erase(std::uint64_t number)
    {
        std::lock_guard lock(mutex_);
        open_.erase(number);
    }

private:
    mutable std::mutex mutex_;
    std::uint64_t last_ = 0;
    std::unordered_map<std::uint64_t, std::shared_ptr<Open>> open_;
};

}
