// SPDX-License-Identifier: LGPL-2.1-or-later
#include <mdev/mdev.hpp>

#include <mdev.h>

// The numbers of mdev.h are those of the C++ library.

namespace {

constexpr bool same(int number, auto enumerator)
{
    return number == static_cast<int>(enumerator);
}

constexpr bool same_error(int code, mdev::Errc errc)
{
    return code == MDEV_ERRC_UNEXPECTED - static_cast<int>(errc);
}

static_assert(same_error(MDEV_ERRC_NOT_DEFINED, mdev::Errc::not_defined));
static_assert(same_error(MDEV_ERRC_NOT_ACTIVE, mdev::Errc::not_active));
static_assert(
    same_error(MDEV_ERRC_ALREADY_DEFINED, mdev::Errc::already_defined));
static_assert(same_error(MDEV_ERRC_ALREADY_ACTIVE, mdev::Errc::already_active));
static_assert(same_error(MDEV_ERRC_NO_SUCH_PARENT, mdev::Errc::no_such_parent));
static_assert(same_error(MDEV_ERRC_NO_SUCH_TYPE, mdev::Errc::no_such_type));
static_assert(
    same_error(MDEV_ERRC_NO_INSTANCE_LEFT, mdev::Errc::no_instance_left));
static_assert(same_error(MDEV_ERRC_AMBIGUOUS, mdev::Errc::ambiguous));
static_assert(same_error(MDEV_ERRC_INVALID_NAME, mdev::Errc::invalid_name));
static_assert(
    same_error(MDEV_ERRC_INVALID_DEFINITION, mdev::Errc::invalid_definition));
static_assert(same_error(MDEV_ERRC_INVALID_INDEX, mdev::Errc::invalid_index));
static_assert(
    same_error(MDEV_ERRC_CALLOUT_REJECTED, mdev::Errc::callout_rejected));
static_assert(same_error(MDEV_ERRC_NOT_SUPPORTED, mdev::Errc::not_supported));
static_assert(same_error(MDEV_ERRC_TIMED_OUT, mdev::Errc::timed_out));
static_assert(
    same_error(MDEV_ERRC_PARTIAL_FAILURE, mdev::Errc::partial_failure));
static_assert(same_error(MDEV_ERRC_INCOMPLETE, mdev::Errc::incomplete));
static_assert(same_error(MDEV_ERRC_LOCK_HELD, mdev::Errc::lock_held));
static_assert(same_error(MDEV_ERRC_CANCELLED, mdev::Errc::cancelled));

static_assert(same(MDEV_LOG_ERROR, mdev::LogLevel::error));
static_assert(same(MDEV_LOG_WARNING, mdev::LogLevel::warning));
static_assert(same(MDEV_LOG_INFO, mdev::LogLevel::info));
static_assert(same(MDEV_LOG_DEBUG, mdev::LogLevel::debug));
static_assert(same(MDEV_LOG_TRACE, mdev::LogLevel::trace));

static_assert(same(MDEV_START_MANUAL, mdev::StartMode::manual));
static_assert(same(MDEV_START_AUTOMATIC, mdev::StartMode::automatic));

static_assert(same(MDEV_CALLOUT_EVENT_GET, mdev::CalloutEvent::get));
static_assert(same(MDEV_CALLOUT_EVENT_PRE, mdev::CalloutEvent::pre));
static_assert(same(MDEV_CALLOUT_EVENT_LIVE, mdev::CalloutEvent::live));
static_assert(same(MDEV_CALLOUT_EVENT_POST, mdev::CalloutEvent::post));
static_assert(same(MDEV_CALLOUT_EVENT_NOTIFY, mdev::CalloutEvent::notify));

static_assert(same(MDEV_CALLOUT_ACTION_START, mdev::CalloutAction::start));
static_assert(same(MDEV_CALLOUT_ACTION_STOP, mdev::CalloutAction::stop));
static_assert(same(MDEV_CALLOUT_ACTION_DEFINE, mdev::CalloutAction::define));
static_assert(
    same(MDEV_CALLOUT_ACTION_UNDEFINE, mdev::CalloutAction::undefine));
static_assert(same(MDEV_CALLOUT_ACTION_MODIFY, mdev::CalloutAction::modify));
static_assert(
    same(MDEV_CALLOUT_ACTION_ATTRIBUTES, mdev::CalloutAction::attributes));
static_assert(
    same(MDEV_CALLOUT_ACTION_CAPABILITIES, mdev::CalloutAction::capabilities));

static_assert(same(MDEV_CALLOUT_STATE_NONE, mdev::CalloutState::none));
static_assert(same(MDEV_CALLOUT_STATE_SUCCESS, mdev::CalloutState::success));
static_assert(same(MDEV_CALLOUT_STATE_FAILURE, mdev::CalloutState::failure));

static_assert(same(MDEV_LIVE_DEVICE, mdev::LiveScope::device));
static_assert(same(
    MDEV_LIVE_DEVICE_AND_DEFINITION, mdev::LiveScope::device_and_definition));

static_assert(same(MDEV_EVENT_DEVICE_ADDED, mdev::EventKind::device_added));
static_assert(same(MDEV_EVENT_DEVICE_REMOVED, mdev::EventKind::device_removed));
static_assert(
    same(MDEV_EVENT_PARENT_REGISTERED, mdev::EventKind::parent_registered));
static_assert(
    same(MDEV_EVENT_PARENT_UNREGISTERED, mdev::EventKind::parent_unregistered));
static_assert(
    same(MDEV_EVENT_DEFINITION_ADDED, mdev::EventKind::definition_added));
static_assert(
    same(MDEV_EVENT_DEFINITION_CHANGED, mdev::EventKind::definition_changed));
static_assert(
    same(MDEV_EVENT_DEFINITION_REMOVED, mdev::EventKind::definition_removed));
static_assert(same(MDEV_EVENT_OVERFLOW, mdev::EventKind::overflow));

}
