// SPDX-License-Identifier: LGPL-2.1-or-later
#include "mdev_python.hpp"

PYBIND11_MODULE(_mdev, module)
{
    using namespace mdev::python;
    // Docstrings begin with a signature that Python understands, see
    // Signature.
    py::options options;
    options.disable_function_signatures();
    module.doc() = "The inside of the package mdev.";
    module.attr("__version__") = mdev::version();
    bind_errors();
    bind_enums(module);
    bind_environment(module);
    bind_definition(module);
    bind_device_spec(module);
    bind_devices(module);
    bind_config_store(module);
    bind_callout_engine(module);
    bind_outcome(module);
    bind_host_state(module);
    bind_manager(module);
    bind_monitor(module);
    bind_diagnosis(module);
    bind_listed_device(module);
}
