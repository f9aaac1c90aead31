// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "faults.hpp"
#include "kernel.hpp"

#include <mutex>
#include <string_view>

namespace mdevsim {

/// A simulated kernel for many threads, with faults and a log.
///
/// No function blocks. A write that takes time, because of a fault or because
/// its device is in use, calls its Done later, from another thread.
class Model {
public:
    /// The function that gets 0 or an errno.
    using Done = std::function<void(int error)>;
    /// Calls the function after the given time, from any thread.
    using Later =
        std::function<void(std::chrono::milliseconds, std::function<void()>)>;

    explicit Model(Later later);

    const NodePtr& root() const { return kernel_.root(); }
    /// Returns the entry of a directory, or nothing.
    NodePtr find(const Node& directory, const std::string& name) const;
    std::vector<NodePtr> children(const Node& directory) const;
    struct stat status(const Node& node) const;
    void set_mode(Node& node, mode_t mode);
    /// Returns 0, or EACCES for an operation that even root may not do.
    int check_access(const Node& node, bool reads, bool writes) const;
    bool is_gone(const Node& node) const;
    /// Returns 0 or an errno.
    int read(const Node& node, std::string& text) const;
    void write(const NodePtr& node, std::string text, Done done);

    /// These functions return 0 or an errno.
    int add_parent(const std::string& name, const std::string& profile);
    int create(const std::string& parent, const std::string& type,
        const std::string& uuid);
    int add_fault(const std::string& rule);

    /// Ends the writes that wait for their device, and all later ones.
    void give_up();

private:
    struct Write {
        NodePtr node;
        std::string path;
        std::string text;
        Done done;
        Verdict verdict{};
        int error = 0;
    };

    void add_own_files();
    void perform(Write write);
    int outcome(const Write& write, Device* device);
    void settle(Write write, int error);
    void settle_waiting(const std::string& uuid, int error);
    std::string pending_text() const;

    int obey(std::string_view command);
    int add_parent_as(std::string_view assignment);
    int make_functions(std::string_view words);
    int set_ready(const std::string& gpu);
    int obey_about_function(std::string_view verb, const std::string& name);
    int obey_about_device(std::string_view verb, std::string_view uuid);
    int add_rule(std::string_view rule);
    void destroy(Device& device);
    void release(Device& device);

    Later later_;
    mutable std::mutex mutex_;
    Kernel kernel_;
    Faults faults_;
    /// The paths of unfinished writes.
    std::multiset<std::string> pending_;
    /// Removals that wait for the last user, by UUID.
    std::unordered_map<std::string, Write> waiting_;
    /// Functions to call after the lock is released.
    std::vector<Write> settled_;
    std::string log_;
};

}
