// SPDX-License-Identifier: LGPL-2.1-or-later
#include "callout_protocol.hpp"
#include "error_impl.hpp"
#include "json.hpp"
#include "outcome_impl.hpp"

#include <mdev/export.hpp>

namespace mdev {

Outcome::Outcome(std::shared_ptr<const Impl> impl) noexcept
    : impl_(std::move(impl))
{
}

MDEV_API CalloutAction Outcome::action() const noexcept
{
    return impl_->action;
}

MDEV_API const char* Outcome::word() const noexcept
{
    return mdev::word(action()).data();
}

MDEV_API const Uuid& Outcome::uuid() const noexcept
{
    return impl_->uuid;
}

MDEV_API const std::string& Outcome::parent() const noexcept
{
    return impl_->parent;
}

MDEV_API const std::string& Outcome::type_id() const noexcept
{
    return impl_->type_id;
}

MDEV_API bool Outcome::is_changed() const noexcept
{
    return impl_->is_changed;
}

MDEV_API const std::vector<std::string>& Outcome::differences() const noexcept
{
    return impl_->differences;
}

MDEV_API const std::string& Outcome::error() const noexcept
{
    return impl_->error;
}

MDEV_API const std::optional<Definition>& Outcome::before() const noexcept
{
    return impl_->before;
}

MDEV_API const std::optional<Definition>& Outcome::after() const noexcept
{
    return impl_->after;
}

MDEV_API std::error_code Outcome::code() const noexcept
{
    return impl_->code;
}

MDEV_API std::error_code Outcome::cause() const noexcept
{
    return impl_->cause;
}

MDEV_API const std::vector<DeviceUser>& Outcome::users() const noexcept
{
    return impl_->users;
}

const std::vector<Outcome>& Error::outcomes() const noexcept
{
    static const std::vector<Outcome> none;
    return impl_->outcomes ? *impl_->outcomes : none;
}

Error with_outcomes(const Error& error, std::vector<Outcome> outcomes)
{
    auto changed = error;
    auto impl = std::make_shared<Error::Impl>(*error.impl_);
    impl->outcomes =
        std::make_shared<const std::vector<Outcome>>(std::move(outcomes));
    changed.impl_ = std::move(impl);
    return changed;
}

namespace {

json::array to_array(const std::vector<DeviceUser>& users)
{
    json::array array;
    for (const auto& user : users) {
        json::object object;
        object["pid"] = user.pid();
        object["command"] = json::or_null(user.command());
        array.emplace_back(std::move(object));
    }
    return array;
}

}

MDEV_API std::string Outcome::to_json() const
{
    json::object object;
    object["action"] = word();
    object["uuid"] = json::or_null(uuid() == Uuid() ? "" : uuid().string());
    object["parent"] = json::or_null(parent());
    object["type"] = json::or_null(type_id());
    object["changed"] = is_changed();
    object["differs"] = json::strings(differences());
    object["error"] = json::or_null(error());
    if (!users().empty())
        object["users"] = to_array(users());
    return json::line(object);
}

}
