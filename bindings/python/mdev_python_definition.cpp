// SPDX-License-Identifier: LGPL-2.1-or-later
#include "mdev_python.hpp"

namespace mdev::python {

namespace {

Definition make(const Uuid& uuid, const Text& parent, const Text& type_id,
    StartMode start, const Attributes& attributes)
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
py::tuple contents(const Definition& definition)
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
    type.constructor(make, py::arg("uuid"), py::arg("parent"),
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
                const Text& parent) {
                return unlocked(
                    [&] { return Definition::from_file(file, uuid, parent); });
            },
            "Parses a definition file. The file may be a pipe such as\n"
            "/dev/stdin; a file of more than 1 MiB is refused.",
            py::arg("file"), py::arg("uuid"), py::arg("parent"))
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
    type.def(py::pickle(&contents, [](const py::tuple& state) {
        return Definition::from_json(state[2].cast<Text>(),
            state[0].cast<Uuid>(), state[1].cast<Text>(), "pickle");
    }));
}

constexpr const char* about =
    R"(Definition(uuid, parent, type_id, *, start=..., attributes=...)
--

The contents of a definition file: a value, in memory only.

Two definitions are equal if their files would be. A parent, type or attribute
name that could leave its directory raises InvalidName. Only one thread at a
time may change a Definition.)";

}

void bind_definition(py::module_& module)
{
    Class<Definition> type(module, "Definition", about);
    bind_making(type);
    bind_nouns(type);
    bind_attributes(type);
    bind_copying(type);
    type.equal_by(contents);
    type.def("__repr__", shown);
}

}
