// SPDX-License-Identifier: LGPL-2.1-or-later
#include "definition_impl.hpp"
#include "name.hpp"
#include "text.hpp"

#include <mdev/error.hpp>
#include <mdev/export.hpp>

namespace mdev {

namespace {

/// A type's name is stored as JSON text, the parent's is not: it is the name of
/// the directory, which may hold any bytes.
void check_type(const std::string& type)
{
    check_type_name(type);
    if (!is_utf8(type))
        throw Error(Errc::invalid_name, type,
            "Invalid mdev type '" + type +
                "': a definition may contain only UTF-8 text without NUL "
                "bytes");
}

/// Throws Error (Errc::invalid_index) unless `index` is below `end`. The
/// message lists the attributes, because the caller has counted wrong.
void check_index(std::size_t index, std::size_t end,
    const std::vector<Attribute>& attributes)
{
    if (index < end)
        return;
    std::string message = "Invalid attribute index " + std::to_string(index);
    message += attributes.empty() ? ": the definition has no attributes"
                                  : ": the attributes are";
    for (std::size_t i = 0; i < attributes.size(); ++i)
        message += (i == 0 ? " " : ", ") + std::to_string(i) + " '" +
            attributes[i].first + "' = '" + attributes[i].second + "'";
    throw Error(Errc::invalid_index, std::to_string(index), message);
}

}

void check_attribute(const Attribute& attribute)
{
    const auto& [name, value] = attribute;
    check_attribute_name(name);
    if (value.find('\0') == value.npos && is_utf8(value) && is_utf8(name))
        return;
    throw Error(Errc::invalid_definition, name,
        "Invalid attribute '" + name +
            "': a definition may contain only UTF-8 text without NUL bytes");
}

MDEV_API Definition::Definition(
    const Uuid& uuid, std::string parent, std::string type_id)
{
    check_parent_name(parent);
    check_type(type_id);
    Impl impl;
    impl.uuid = uuid;
    impl.parent = std::move(parent);
    impl.type_id = std::move(type_id);
    impl_ = std::make_shared<const Impl>(std::move(impl));
}

Definition::Definition(std::shared_ptr<const Impl> impl) noexcept
    : impl_(std::move(impl))
{
}

MDEV_API const Uuid& Definition::uuid() const noexcept
{
    return impl_->uuid;
}

MDEV_API const std::string& Definition::parent() const noexcept
{
    return impl_->parent;
}

MDEV_API const std::string& Definition::type_id() const noexcept
{
    return impl_->type_id;
}

MDEV_API StartMode Definition::start() const noexcept
{
    return impl_->start;
}

MDEV_API const std::vector<Attribute>& Definition::attributes() const noexcept
{
    return impl_->attributes;
}

MDEV_API void Definition::set_type_id(std::string type_id)
{
    check_type(type_id);
    auto changed = std::make_shared<Impl>(*impl_);
    changed->type_id = std::move(type_id);
    impl_ = std::move(changed);
}

MDEV_API void Definition::set_start(StartMode start)
{
    auto changed = std::make_shared<Impl>(*impl_);
    changed->start = start;
    impl_ = std::move(changed);
}

MDEV_API void Definition::set_attributes(std::vector<Attribute> attributes)
{
    for (const auto& attribute : attributes)
        check_attribute(attribute);
    auto changed = std::make_shared<Impl>(*impl_);
    changed->attributes = std::move(attributes);
    impl_ = std::move(changed);
}

MDEV_API void Definition::append_attribute(std::string name, std::string value)
{
    insert_attribute(
        impl_->attributes.size(), std::move(name), std::move(value));
}

MDEV_API void Definition::insert_attribute(
    std::size_t index, std::string name, std::string value)
{
    auto attributes = impl_->attributes;
    check_index(index, attributes.size() + 1, attributes);
    attributes.emplace(attributes.begin() + static_cast<std::ptrdiff_t>(index),
        std::move(name), std::move(value));
    set_attributes(std::move(attributes));
}

MDEV_API void Definition::erase_attribute(std::size_t index)
{
    auto attributes = impl_->attributes;
    check_index(index, attributes.size(), attributes);
    attributes.erase(attributes.begin() + static_cast<std::ptrdiff_t>(index));
    set_attributes(std::move(attributes));
}

MDEV_API bool operator==(const Definition& a, const Definition& b) noexcept
{
    return a.uuid() == b.uuid() && a.parent() == b.parent() &&
        a.type_id() == b.type_id() && a.start() == b.start() &&
        a.attributes() == b.attributes() &&
        unknown_members(a) == unknown_members(b);
}

MDEV_API bool operator!=(const Definition& a, const Definition& b) noexcept
{
    return !(a == b);
}

}
