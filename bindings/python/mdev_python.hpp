// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "mdev_python_casters.hpp"
#include "mdev_python_class.hpp"
#include "mdev_python_gil.hpp"

#include <mdev/mdev.hpp>

#include <pybind11/pybind11.h>

namespace mdev::python {

namespace py = pybind11;

/// Each adds the classes of one part of the API to the module. Their order
/// matters where one shows another's values.
void bind_enums(py::module_& module);
void bind_errors();
void bind_environment(py::module_& module);
void bind_definition(py::module_& module);
void bind_device_spec(py::module_& module);
void bind_devices(py::module_& module);
void bind_config_store(py::module_& module);
void bind_callout_engine(py::module_& module);
void bind_outcome(py::module_& module);
void bind_host_state(py::module_& module);
void bind_manager(py::module_& module);
void bind_monitor(py::module_& module);
void bind_diagnosis(py::module_& module);
void bind_listed_device(py::module_& module);

}
