// SPDX-License-Identifier: LGPL-2.1-or-later
#include "mdev_python.hpp"

namespace mdev::python {

namespace {

/// A StoreLock that can be let go before Python forgets the object.
class HeldLock {
public:
    explicit HeldLock(StoreLock held) : held_(std::move(held)) {}

    /// A copy, with which a writer goes on whoever releases this meanwhile.
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
            "Lets the other writers go on; does nothing the second time.")
        .property(
            "is_held", &HeldLock::is_held, "Whether it is not yet released.");
    type.def("__enter__", [](const py::object& self) {
        (void)self.cast<HeldLock&>().held();
        return self;
    });
    type.def(
        "__exit__", [](HeldLock& self, const py::args&) { self.release(); });
}

std::vector<Text> texts(const std::vector<std::string>& strings)
{
    std::vector<Text> result;
    for (const auto& string : strings)
        result.emplace_back(string);
    return result;
}

std::vector<Definition> all(const ConfigStore& store)
{
    return unlocked([&] { return store.all(); });
}

void bind_reading(Class<ConfigStore>& type)
{
    type.method("all", all,
            "Every definition, sorted by parent and UUID; so does iterating.\n"
            "A file that cannot be understood is left out, with a warning in\n"
            "the log.")
        .method(
            "under",
            [](const ConfigStore& self, const Text& parent) {
                return unlocked([&] { return self.of_parent(parent); });
            },
            "The same for the definitions of one parent.", py::arg("parent"))
        .method(
            "all_of",
            [](const ConfigStore& self, const Uuid& uuid) {
                return unlocked([&] { return self.of_uuid(uuid); });
            },
            "The same for the definitions of one UUID, of which each parent\n"
            "may have one.",
            py::arg("uuid"))
        .method(
            "parents_of",
            [](const ConfigStore& self, const Uuid& uuid) {
                return texts(unlocked([&] { return self.parents_of(uuid); }));
            },
            "The parents that have a file of that UUID, good or broken.",
            py::arg("uuid"))
        .method(
            "find",
            [](const ConfigStore& self, const Uuid& uuid, const Text& parent) {
                return unlocked([&] { return self.find(uuid, parent); });
            },
            "None if that UUID is not defined there. Raises Error if it is,\n"
            "but its file cannot be read or understood.",
            py::arg("uuid"), py::arg("parent"))
        .method(
            "path",
            [](const ConfigStore& self, const Uuid& uuid, const Text& parent) {
                return self.path(uuid, parent);
            },
            "Where a definition is, or would be.", py::arg("uuid"),
            py::arg("parent"));
}

void bind_writing(Class<ConfigStore>& type)
{
    type.method(
            "lock",
            [](const ConfigStore& self) {
                return HeldLock(unlocked([&] { return self.lock(); }));
            },
            "Waits for the other writers, at most as long as the environment\n"
            "says: `with store.lock() as lock:`. Raises TimedOut, which names\n"
            "the holder.")
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
            "Adds a definition or puts it in the old one's place.",
            py::arg("definition"), py::arg("lock"))
        .method(
            "erase",
            [](const ConfigStore& self, const Uuid& uuid, const Text& parent,
                const HeldLock& lock) {
                const auto held = lock.held();
                return unlocked([&] { return self.erase(uuid, parent, held); });
            },
            "Removes a definition; False if there was none.", py::arg("uuid"),
            py::arg("parent"), py::arg("lock"));
}

constexpr const char* about = R"(ConfigStore(env)
--

The definitions on disk: /etc/mdevctl.d/PARENT/UUID, one JSON file each.

Readers wait for nobody and see each file old or new, whole. Writers hold the
lock, which `add`, `save` and `erase` ask to be shown. Any thread may use it.)";

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
