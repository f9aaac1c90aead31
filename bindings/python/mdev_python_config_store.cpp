// SPDX-License-Identifier: LGPL-2.1-or-later
#include "mdev_python.hpp"

namespace mdev::python {

namespace {

/// A StoreLock that can be released while the Python object lives.
class HeldLock {
public:
    explicit HeldLock(StoreLock held) : held_(std::move(held)) {}

    /// A copy, which holds the lock until the writer has finished even if
    /// another thread releases this object.
    StoreLock held() const
    {
        if (!held_)
            throw py::value_error("the lock has been released");
        return *held_;
    }
    bool is_held() const { return held_.has_value(); }
    void release()
    {
        auto last = std::exchange(held_, std::nullopt);
        unlocked([&] { last.reset(); });
    }

private:
    std::optional<StoreLock> held_;
};

void bind_lock(py::module_& module)
{
    Class<HeldLock> type(module, "StoreLock",
        "Excludes every other writer of the store, in this and other\n"
        "processes, until it is released or its `with` block ends.");
    type.method("release", &HeldLock::release,
            "Releases the lock; does nothing the second time.")
        .property("is_held", &HeldLock::is_held,
            "Whether the lock is not released yet.");
    type.def("__enter__", [](const py::object& self) {
        (void)self.cast<HeldLock&>().held();
        return self;
    });
    type.def(
        "__exit__", [](HeldLock& self, const py::args&) { self.release(); });
}

std::vector<Definition> all(const ConfigStore& store)
{
    return unlocked([&] { return store.all(); });
}

void bind_reading(Class<ConfigStore>& type)
{
    type.method("all", all,
            "Returns every definition, sorted by parent and UUID; iterating\n"
            "over the store does the same. An invalid file is left out with a\n"
            "warning in the log.")
        .method(
            "of_parent",
            [](const ConfigStore& self, const Text& parent) {
                return unlocked([&] { return self.of_parent(parent); });
            },
            "Returns the definitions of one parent, sorted by UUID.",
            py::arg("parent"))
        .method(
            "of_uuid",
            [](const ConfigStore& self, const Uuid& uuid) {
                return unlocked([&] { return self.of_uuid(uuid); });
            },
            "Returns the definitions of one UUID, sorted by parent; each\n"
            "parent may have one.",
            py::arg("uuid"))
        .method(
            "parents_of",
            [](const ConfigStore& self, const Uuid& uuid) {
                return texts_object(
                    unlocked([&] { return self.parents_of(uuid); }));
            },
            "Returns the names of the parents that have a file of that UUID,\n"
            "valid or not.",
            py::arg("uuid"))
        .method(
            "find",
            [](const ConfigStore& self, const Uuid& uuid, const Text& parent) {
                return unlocked([&] { return self.find(uuid, parent); });
            },
            "Returns the definition, or None if there is none. Raises Error "
            "if\n"
            "its file cannot be read or is invalid.",
            py::arg("uuid"), py::arg("parent"))
        .method(
            "path",
            [](const ConfigStore& self, const Uuid& uuid, const Text& parent) {
                return self.path(uuid, parent);
            },
            "Returns the file of a definition; if there is none, the file "
            "that\n"
            "add() would create.",
            py::arg("uuid"), py::arg("parent"));
}

void bind_writing(Class<ConfigStore>& type)
{
    type.method(
            "lock",
            [](const ConfigStore& self) {
                return HeldLock(unlocked([&] { return self.lock(); }));
            },
            "Waits for other writers, up to the environment's lock_timeout,\n"
            "and returns the lock: `with store.lock() as lock:`. Raises\n"
            "TimedOut, which names the holder.")
        .method(
            "add",
            [](const ConfigStore& self, const Definition& definition,
                const HeldLock& lock) {
                const auto copy = definition;
                const auto held = lock.held();
                unlocked([&] { self.add(copy, held); });
            },
            "Adds a definition. Raises AlreadyDefined.", py::arg("definition"),
            py::arg("lock"))
        .method(
            "save",
            [](const ConfigStore& self, const Definition& definition,
                const HeldLock& lock) {
                const auto copy = definition;
                const auto held = lock.held();
                unlocked([&] { self.save(copy, held); });
            },
            "Adds a definition, or replaces the one of its UUID and parent.",
            py::arg("definition"), py::arg("lock"))
        .method(
            "erase",
            [](const ConfigStore& self, const Uuid& uuid, const Text& parent,
                const HeldLock& lock) {
                const auto held = lock.held();
                return unlocked([&] { return self.erase(uuid, parent, held); });
            },
            "Removes a definition. Returns False if there was none.",
            py::arg("uuid"), py::arg("parent"), py::arg("lock"));
}

constexpr const char* about = R"(ConfigStore(env)
--

The definitions on disk: /etc/mdevctl.d/PARENT/UUID, one JSON file each.

Readers never wait; they see either the old or the new file. add(), save() and
erase() take the StoreLock as proof that the caller holds it. Any thread may use
a ConfigStore.)";

}

void bind_config_store(py::module_& module)
{
    bind_lock(module);
    Class<ConfigStore> type(module, "ConfigStore", about);
    type.constructor([](const Environment& env) { return ConfigStore(env); },
        py::arg("env"));
    bind_reading(type);
    bind_writing(type);
    type.def("__iter__",
        [](const ConfigStore& self) { return py::iter(py::cast(all(self))); });
}

}
