// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// \file
/// The whole library.

/// \namespace mdev
/// The names of libmdev.
///
/// Nearly every class is a handle, one pointer wide: a copy only increments a
/// reference count. An object that has been moved from can only be assigned to
/// or destroyed; any other use is undefined, even of a noexcept function.
///
/// Functions that were added after version 2.0 say so in their comment, for
/// example "Since: 2.1".
#include <mdev/callout_engine.hpp>
#include <mdev/config_store.hpp>
#include <mdev/definition.hpp>
#include <mdev/device.hpp>
#include <mdev/device_spec.hpp>
#include <mdev/device_status.hpp>
#include <mdev/device_user.hpp>
#include <mdev/diagnosis.hpp>
#include <mdev/environment.hpp>
#include <mdev/error.hpp>
#include <mdev/framework.hpp>
#include <mdev/host_state.hpp>
#include <mdev/json_format.hpp>
#include <mdev/listed_device.hpp>
#include <mdev/manager.hpp>
#include <mdev/mdev_type.hpp>
#include <mdev/monitor.hpp>
#include <mdev/outcome.hpp>
#include <mdev/parent_device.hpp>
#include <mdev/script_test.hpp>
#include <mdev/uuid.hpp>
#include <mdev/version.hpp>
