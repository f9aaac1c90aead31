// SPDX-License-Identifier: LGPL-2.1-or-later
#include "binding.hpp"

namespace mdev::python {

namespace {

Definition make_definition(const Uuid& uuid, const Text& parent,
    const Text& type_id, StartMode start, const Attributes& attributes)
{
    Definition definition(uuid, parent, type_id);
    definition.set_start(start);
    definition.set_attributes(attributes.list);
    return definition;
}

/// Attributes are counted from 0; Python would count negative numbers from the
/// end.
std::size_t index_of(Py_ssize_t index)
{
    if (index < 0)
        throw Error(Errc::invalid_index, std::to_string(index),
            "Invalid attribute index " + std::to_string(index) +
                ": they are counted from 0");
    return static_cast<std::size_t>(index);
}

/// The JSON text contains everything, including members that this version does
/// not know.
py::tuple contents_of(const Definition& definition)
{
    return py::make_tuple(definition.uuid(), Text(definition.parent()),
        Text(definition.to_json()));
}

py::str shown(const Definition& definition)
{
    return py::str("mdev.Definition({!r}, {!r}, {!r}, start={}, attributes={})")
        .format(definition.uuid().string(), Text(definition.parent()),
            Text(definition.type_id()), py::cast(definition.start()),
            Attributes{definition.attributes()});
}

void bind_making(Class<Definition>& type)
{
    type.constructor(make_definition, py::arg("uuid"), py::arg("parent"),
            py::arg("type_id"), py::kw_only(),
            py::arg("start") = StartMode::manual,
            py::arg("attributes") = Attributes())
        .static_method(
            "from_json",
            [](const Text& json, const Uuid& uuid, const Text& parent,
                const Text& source) {
                return Definition::from_json(json, uuid, parent, source);
            },
            "Parses the JSON text of a definition file. Unknown members are\n"
            "preserved. Raises InvalidDefinition, whose message begins with\n"
            "`source`.",
            py::arg("json"), py::arg("uuid"), py::arg("parent"),
            py::arg("source") = "definition")
        .static_method(
            "from_file",
            [](const std::filesystem::path& file, const Uuid& uuid,
                const Text& parent, const std::optional<Environment>& env) {
                return unlocked([&] {
                    return Definition::from_file(
                        file, uuid, parent, env.value_or(Environment()));
                });
            },
            "Parses a definition file. The file may be a pipe such as\n"
            "/dev/stdin; a file of more than 1 MiB is refused. The wait for a\n"
            "pipe ends when `env` is cancelled.",
            py::arg("file"), py::arg("uuid"), py::arg("parent"),
            py::arg("env") = py::none())
        .static_method(
            "list_to_json",
            [](const std::vector<Definition>& definitions) {
                return Text(to_json(definitions));
            },
            "Returns what `mdevctl list --dumpjson` prints for these\n"
            "definitions, without the final newline. Definitions of one\n"
            "parent must be adjacent.",
            py::arg("definitions"));
}

void bind_nouns(Class<Definition>& type)
{
    type.property("uuid", &Definition::uuid, "The device's uuid.UUID.")
        .text_property(
            "parent", &Definition::parent, "The name of the parent device.")
        .property(
            "type_id",
            [](const Definition& self) { return Text(self.type_id()); },
            [](Definition& self, const Text& id) { self.set_type_id(id); },
            "The id of the mdev type, such as `mtty-1`. Can be set.")
        .property("start", &Definition::start, &Definition::set_start,
            "The StartMode. Can be set.")
        .property(
            "attributes",
            [](const Definition& self) {
                return Attributes{self.attributes()};
            },
            [](Definition& self, const Attributes& attributes) {
                self.set_attributes(attributes.list);
            },
            "A new list of (name, value), in the order in which they are\n"
            "written to the device; names may repeat. Can be set. Changing\n"
            "the list itself does not change the definition.")
        .json("Returns the text of the definition file, without a final\n"
              "newline.");
}

void bind_attributes(Class<Definition>& type)
{
    type.method(
            "append_attribute",
            [](Definition& self, const Text& name, const Text& value) {
                self.append_attribute(name, value);
            },
            "Adds an attribute after the others.", py::arg("name"),
            py::arg("value"))
        .method(
            "insert_attribute",
            [](Definition& self, Py_ssize_t index, const Text& name,
                const Text& value) {
                self.insert_attribute(index_of(index), name, value);
            },
            "Inserts an attribute before the attribute number `index`, which\n"
            "may be one past the last. Raises InvalidIndex beyond that.",
            py::arg("index"), py::arg("name"), py::arg("value"))
        .method(
            "erase_attribute",
            [](Definition& self, Py_ssize_t index) {
                self.erase_attribute(index_of(index));
            },
            "Removes the attribute number `index`. Raises InvalidIndex if it\n"
            "does not exist.",
            py::arg("index"));
}

/// What copy and pickle ask for.
void bind_copying(Class<Definition>& type)
{
    type.def("__copy__", [](const Definition& self) { return self; });
    type.def(
        "__deepcopy__",
        [](const Definition& self, const py::object&) { return self; },
        py::arg("memo"));
    type.def(py::pickle(&contents_of, [](const py::tuple& state) {
        return Definition::from_json(state[2].cast<Text>(),
            state[0].cast<Uuid>(), state[1].cast<Text>(), "pickle");
    }));
}

constexpr const char* definition_text =
    R"(Definition(uuid, parent, type_id, *, start=..., attributes=...)
--

The contents of a definition file: a value, in memory only.

Two definitions are equal if their contents are, unknown members included. A
parent, type or attribute name that could leave its directory raises
InvalidName. Only one thread at a time may change a Definition.)";

void bind_definition(py::module_& module)
{
    Class<Definition> type(module, "Definition", definition_text);
    bind_making(type);
    bind_nouns(type);
    bind_attributes(type);
    bind_copying(type);
    type.equal_by(contents_of);
    type.def("__repr__", shown);
}

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
            "over the store does the same. Invalid files are omitted with a\n"
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
            "Returns the definition, or None if there is none. Raises Error\n"
            "if its file cannot be read or is invalid.",
            py::arg("uuid"), py::arg("parent"))
        .method(
            "path",
            [](const ConfigStore& self, const Uuid& uuid, const Text& parent) {
                return self.path(uuid, parent);
            },
            "Returns the file of a definition; if there is none, the file\n"
            "that add() would create.",
            py::arg("uuid"), py::arg("parent"));
}

/// A function that calls add() or save().
auto writer(
    void (ConfigStore::*write)(const Definition&, const StoreLock&) const)
{
    return [write](const ConfigStore& self, const Definition& definition,
               const HeldLock& lock) {
        const auto copy = definition;
        const auto held = lock.held();
        unlocked([&] { (self.*write)(copy, held); });
    };
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
        .method("add", writer(&ConfigStore::add),
            "Adds a definition. Raises AlreadyDefined.", py::arg("definition"),
            py::arg("lock"))
        .method("save", writer(&ConfigStore::save),
            "Adds a definition, or replaces the one with the same UUID and\n"
            "parent.",
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

constexpr const char* store_text = R"(ConfigStore(env)
--

The definitions on disk: /etc/mdevctl.d/PARENT/UUID, one JSON file each.

Readers never wait; they see either the old or the new file. add(), save() and
erase() take the StoreLock as proof that the caller holds it. They raise Error
for the lock of another store (EINVAL), or if the lock's file has been removed
since (ESTALE); then nothing has changed. Any thread may use a ConfigStore.)";

void bind_config_store(py::module_& module)
{
    bind_lock(module);
    Class<ConfigStore> type(module, "ConfigStore", store_text);
    type.constructor([](const Environment& env) { return ConfigStore(env); },
        py::arg("env"));
    bind_reading(type);
    bind_writing(type);
    type.def("__iter__",
        [](const ConfigStore& self) { return py::iter(py::cast(all(self))); });
}

}

void bind_definitions(py::module_& module)
{
    bind_definition(module);
    bind_config_store(module);
}

}
