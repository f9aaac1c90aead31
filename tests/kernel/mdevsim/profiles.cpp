// SPDX-License-Identifier: LGPL-2.1-or-later
#include "profiles.hpp"

#include "kernel_text.hpp"

#include <cerrno>

namespace mdevsim {

namespace {

constexpr std::string_view plain_prefix = "plain:";
constexpr unsigned long most = 1000000;

Profile mtty()
{
    Profile p;
    p.name = p.module = p.driver = "mtty";
    p.summary = "serial ports of the kernel's sample driver, 24 shared";
    p.extras = Extras::mtty;
    p.error_when_full = ENOSPC;
    p.resources = {24};
    p.types = {
        {"mtty-1", "Single port serial", "", 0, {1}, ""},
        {"mtty-2", "Dual port serial", "", 0, {2}, ""},
    };
    return p;
}

TypeProfile mdpy_type(const std::string& id, const std::string& resolution)
{
    return {id, id, "virtual display, " + resolution + " framebuffer", 0, {1},
        resolution};
}

Profile mdpy()
{
    Profile p;
    p.name = p.module = p.driver = "mdpy";
    p.summary = "displays of the kernel's sample driver, 4 shared";
    p.extras = Extras::mdpy;
    p.error_when_full = EUSERS;
    p.resources = {4};
    p.types = {
        mdpy_type("mdpy-vga", "640x480"),
        mdpy_type("mdpy-xga", "1024x768"),
        mdpy_type("mdpy-hd", "1920x1080"),
    };
    return p;
}

TypeProfile mbochs_type(const std::string& id, unsigned megabytes)
{
    auto memory = std::to_string(megabytes) + " MB";
    return {id, id, "virtual display, " + memory + " video memory", 0,
        {megabytes}, memory};
}

Profile mbochs()
{
    Profile p;
    p.name = p.module = p.driver = "mbochs";
    p.summary = "displays of the kernel's sample driver, 256 MB shared";
    p.extras = Extras::mbochs;
    p.error_when_full = ENOSPC;
    p.resources = {256};
    p.types = {
        mbochs_type("mbochs-small", 4),
        mbochs_type("mbochs-medium", 16),
        mbochs_type("mbochs-large", 64),
    };
    return p;
}

TypeProfile gvt_type(unsigned fraction, unsigned low, unsigned high,
    const std::string& resolution)
{
    auto name = "GVTg_V5_" + std::to_string(fraction);
    auto text = "low_gm_size: " + std::to_string(low) + "MB\n" +
        "high_gm_size: " + std::to_string(high) + "MB\n" + "fence: 4\n" +
        "resolution: " + resolution + "\n" +
        "weight: " + std::to_string(16 / fraction);
    return {"i915-" + name, name, text, 0, {low, high, 4}, ""};
}

Profile i915()
{
    Profile p;
    p.name = "i915";
    p.summary = "Intel GVT-g, 1/2/5/7 of V5_1/2/4/8; long descriptions";
    p.module = "i915";
    p.driver = "intel_vgpu_mdev";
    p.place = Place::pci;
    p.extras = Extras::i915;
    p.error_when_full = ENOSPC;
    // A 1 GB aperture, 4 GB of address space and 32 fences, minus those of the
    // host.
    p.resources = {1024 - 128, 3072 - 384, 32 - 4};
    p.types = {
        gvt_type(1, 512, 2048, "1920x1200"),
        gvt_type(2, 256, 1024, "1920x1200"),
        gvt_type(4, 128, 512, "1920x1200"),
        gvt_type(8, 64, 384, "1024x768"),
    };
    return p;
}

/// A profile that differs from `p` in little.
Profile variant(Profile p, std::string name, std::string summary)
{
    p.name = std::move(name);
    p.summary = std::move(summary);
    return p;
}

Profile i915_old()
{
    auto p = variant(
        i915(), "i915-old", "i915 before Linux 6.1: types without a name file");
    p.driver = "vfio_mdev";
    for (auto& type : p.types)
        type.name.clear();
    return p;
}

struct Screens {
    unsigned heads;
    unsigned rate;
    std::string_view resolution;
};

constexpr Screens desktop{4, 45, "5120x2880"};
constexpr Screens compute{1, 60, "4096x2160"};

TypeProfile vgpu_type(unsigned number, const std::string& name, unsigned limit,
    unsigned megabytes, const Screens& screens)
{
    auto text = "num_heads=" + std::to_string(screens.heads) +
        ", frl_config=" + std::to_string(screens.rate) +
        ", framebuffer=" + std::to_string(megabytes) +
        "M, max_resolution=" + std::string(screens.resolution) +
        ", max_instance=" + std::to_string(limit);
    return {"nvidia-" + std::to_string(number), "GRID " + name, text, limit,
        {1}, ""};
}

Profile nvidia()
{
    Profile p;
    p.name = "nvidia";
    p.summary = "a Tesla P40: the first device determines the type of all";
    p.module = "nvidia";
    p.driver = "nvidia-vgpu-vfio";
    p.place = Place::pci;
    p.extras = Extras::nvidia;
    p.error_when_full = ENOSPC;
    p.sharing = Sharing::homogeneous;
    p.types = {
        vgpu_type(156, "P40-2B", 12, 2048, desktop),
        vgpu_type(215, "P40-2B4", 12, 2048, desktop),
        vgpu_type(241, "P40-1B4", 24, 1024, desktop),
        vgpu_type(283, "P40-4C", 6, 4096, compute),
        vgpu_type(284, "P40-6C", 4, 6144, compute),
        vgpu_type(285, "P40-8C", 3, 8192, compute),
        vgpu_type(286, "P40-12C", 2, 12288, compute),
    };
    return p;
}

Profile nvidia_vf()
{
    auto p = variant(nvidia(), "nvidia-vf",
        "one virtual function of an A100: a single device");
    p.sharing = Sharing::pool;
    p.resources = {1};
    p.types = {
        vgpu_type(692, "A100D-4C", 20, 4096, compute),
        vgpu_type(693, "A100D-8C", 10, 8192, compute),
        vgpu_type(694, "A100D-10C", 8, 10240, compute),
        vgpu_type(695, "A100D-16C", 5, 16384, compute),
        vgpu_type(696, "A100D-20C", 4, 20480, compute),
        vgpu_type(697, "A100D-40C", 2, 40960, compute),
        vgpu_type(698, "A100D-80C", 1, 81920, compute),
        vgpu_type(699, "A100D-1-10C", 7, 10240, compute),
        vgpu_type(700, "A100D-2-20C", 3, 20480, compute),
        vgpu_type(701, "A100D-3-40C", 2, 40960, compute),
        vgpu_type(702, "A100D-4-40C", 1, 40960, compute),
        vgpu_type(703, "A100D-7-80C", 1, 81920, compute),
        vgpu_type(707, "A100D-1-10CME", 1, 10240, compute),
    };
    return p;
}

Profile vfio_ccw()
{
    Profile p;
    p.name = p.module = "vfio_ccw";
    p.summary = "an s390 I/O subchannel: a single device";
    p.device_api = "vfio-ccw";
    p.has_power = false;
    p.has_inner_parent = true;
    p.driver = "vfio_ccw_mdev";
    p.place = Place::css;
    p.error_when_full = EUSERS;
    p.resources = {1};
    p.types = {
        {"vfio_ccw-io", "I/O subchannel (Non-QDIO)", "", 0, {1}, ""},
    };
    return p;
}

Profile vfio_ccw_old()
{
    auto p = variant(vfio_ccw(), "vfio_ccw-old", "vfio_ccw on Linux 6.1");
    p.has_inner_parent = false;
    return p;
}

Profile vfio_ap()
{
    Profile p;
    p.name = p.module = "vfio_ap";
    p.summary = "s390 crypto adapters: assign_adapter, matrix, ap_config...";
    p.device_api = "vfio-ap";
    p.has_power = false;
    p.driver = "vfio_ap_mdev";
    p.place = Place::ap;
    p.extras = Extras::ap_matrix;
    p.error_when_full = EUSERS;
    p.resources = {65536};
    p.types = {
        {"vfio_ap-passthrough", "VFIO AP Passthrough Device", "", 0, {1}, ""},
    };
    return p;
}

Profile vfio_ap_old()
{
    auto p = variant(vfio_ap(), "vfio_ap-old",
        "vfio_ap on Linux 6.1: without ap_config and features");
    p.extras = Extras::ap_matrix_old;
    return p;
}

Profile vfio_ap_cdev()
{
    auto p = variant(vfio_ap(), "vfio_ap-cdev",
        "vfio_ap with a character device for each device");
    p.has_vfio_devices = true;
    return p;
}

Profile plain(unsigned instances, unsigned types)
{
    Profile p;
    p.name = p.module = p.driver = "plain";
    p.error_when_full = ENOSPC;
    p.sharing = Sharing::separate;
    for (unsigned i = 1; i <= types; ++i) {
        auto number = std::to_string(i);
        p.types.push_back(
            {"plain-" + number, "Plain type " + number, "", instances, {}, ""});
    }
    return p;
}

// Parses the N and M of plain:N:M.
std::optional<Profile> made_to_measure(const std::string& name)
{
    auto colon = name.find(':', plain_prefix.size());
    if (colon == std::string::npos)
        return {};
    auto instances = parse_number(
        name.substr(plain_prefix.size(), colon - plain_prefix.size()));
    auto types = parse_number(name.substr(colon + 1));
    if (instances.error || types.error || instances.value > most ||
        types.value > most)
        return {};
    return plain(static_cast<unsigned>(instances.value),
        static_cast<unsigned>(types.value));
}

}

std::vector<Profile> profiles()
{
    return {mtty(), mdpy(), mbochs(), i915(), i915_old(), nvidia(), nvidia_vf(),
        vfio_ccw(), vfio_ccw_old(), vfio_ap(), vfio_ap_old(), vfio_ap_cdev()};
}

std::optional<Profile> find_profile(const std::string& name)
{
    if (name.starts_with(plain_prefix))
        return made_to_measure(name);
    for (auto& profile : profiles()) {
        if (profile.name == name)
            return profile;
    }
    return {};
}

}
