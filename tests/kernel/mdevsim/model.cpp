// SPDX-License-Identifier: LGPL-2.1-or-later
#include "model.hpp"

#include "kernel_text.hpp"

#include <cerrno>

namespace mdevsim {

namespace {

constexpr auto own_directory = ".mdevsim";
constexpr std::string_view own_prefix = ".mdevsim/";
constexpr mode_t readable = 0444;
constexpr mode_t writable = 0222;

// The maximum size of one read from sysfs.

// Returns whether the path is a control file of mdevsim, not of the simulated
// kernel.
bool is_own(const std::string& path)
{
    return path.starts_with(own_prefix);
}

std::string escaped(char c)
{
    constexpr std::string_view digits = "0123456789abcdef";
    auto byte = static_cast<unsigned char>(c);
    if (c == '\n')
        return "\\n";
    if (c == '"' || c == '\\')
        return {'\\', c};
    if (c < ' ' || c > '~')
        return {'\\', 'x', digits[byte / 16], digits[byte % 16]};
    return {c};
}

std::string with_escapes(const std::string& text)
{
    std::string result = "\"";
    for (char c : text)
        result += escaped(c);
    return result + "\"";
}

}

Model::Model(Later later) : later_(std::move(later))
{
    add_own_files();
}

void Model::add_own_files()
{
    auto own = root()->directory(own_directory);
    own->file("control", 0200, {},
        [this](const std::string& text) { return obey(text); });
    own->file("log", readable, [this] { return log_; });
    own->file("pending", readable, [this] { return pending_text(); });
}

NodePtr Model::find(const Node& directory, const std::string& name) const
{
    std::lock_guard lock(mutex_);
    return directory.find(name);
}

std::vector<NodePtr> Model::children(const Node& directory) const
{
    std::lock_guard lock(mutex_);
    return directory.children();
}

struct stat Model::status(const Node& node) const
{
    std::lock_guard lock(mutex_);
    return node.status();
}

void Model::set_mode(Node& node, mode_t mode)
{
    std::lock_guard lock(mutex_);
    node.set_mode(mode);
}

// Like kernfs: a file refuses any caller, even root, if it lacks the permission
// bit or the operation.
int Model::check_access(const Node& node, bool reads, bool writes) const
{
    std::lock_guard lock(mutex_);
    auto mode = node.status().st_mode;
    if (node.is_gone())
        return ENODEV;
    if (reads && (!(mode & readable) || !node.show()))
        return EACCES;
    if (writes && (!(mode & writable) || !node.store()))
        return EACCES;
    return 0;
}

bool Model::is_gone(const Node& node) const
{
    std::lock_guard lock(mutex_);
    return node.is_gone();
}

int Model::read(const Node& node, std::string& text) const
{
    std::lock_guard lock(mutex_);
    if (node.is_gone())
        return ENODEV;
    auto shown = node.show()();
    if (!shown)
        return EIO;
    text = std::move(*shown);
    if (!is_own(node.path()) && text.size() > attribute_size)
        text.resize(attribute_size);
    return 0;
}

void Model::write(const NodePtr& node, std::string text, Done done)
{
    Write write{node, {}, std::move(text), std::move(done)};
    {
        std::lock_guard lock(mutex_);
        write.path = node->path();
        if (!is_own(write.path) && !node->is_gone()) {
            write.verdict = faults_.judge(node->spellings());
            pending_.insert(write.path);
        }
    }
    auto delay = write.verdict.delay;
    if (delay.count() == 0)
        return perform(std::move(write));
    later_(delay, [this, late = std::move(write)] { perform(late); });
}

void Model::perform(Write write)
{
    std::vector<Write> settled;
    {
        std::lock_guard lock(mutex_);
        auto* device = kernel_.device_of(*write.node);
        auto* function = kernel_.function_of(*write.node);
        auto name = device ? device->uuid : function ? function->name : "";
        int error = outcome(write, device);
        if (error == must_wait)
            waiting_.emplace(name, std::move(write));
        else
            settle(std::move(write), error);
        settled.swap(settled_);
    }
    for (const auto& ended : settled)
        ended.done(ended.error);
}

int Model::outcome(const Write& write, Device* device)
{
    if (write.node->is_gone())
        return ENODEV;
    if (write.verdict.vanish && device)
        destroy(*device);
    else if (const auto* function = kernel_.function_of(*write.node);
             write.verdict.vanish && function)
        kernel_.remove_function(function->name);
    if (write.verdict.error)
        return write.verdict.error;
    if (write.verdict.is_lost)
        return 0;
    return write.node->store()(write.text);
}

void Model::settle(Write write, int error)
{
    write.error = error;
    auto pending = pending_.find(write.path);
    if (pending != pending_.end())
        pending_.erase(pending);
    if (!is_own(write.path))
        log_ += (error ? error_name(error) : "0") + " " + write.path + " " +
            with_escapes(write.text) + "\n";
    settled_.push_back(std::move(write));
}

void Model::settle_waiting(const std::string& uuid, int error)
{
    auto found = waiting_.find(uuid);
    if (found == waiting_.end())
        return;
    auto write = std::move(found->second);
    waiting_.erase(found);
    settle(std::move(write), error);
}

std::string Model::pending_text() const
{
    std::string text;
    for (const auto& path : pending_)
        text += path + "\n";
    return text;
}

int Model::obey(std::string_view command)
{
    command = without_newline(command);
    auto blank = command.find(' ');
    auto verb = command.substr(0, blank);
    auto rest = blank == std::string_view::npos ? std::string_view()
                                                : command.substr(blank + 1);
    if (rest.empty() && verb == "clear-faults")
        faults_.clear();
    else if (rest.empty() && verb == "clear-log")
        log_.clear();
    else if (verb == "add-parent")
        return add_parent_as(rest);
    else if (verb == "remove-parent")
        return kernel_.remove_parent(std::string(rest));
    else if (verb == "fault")
        return add_rule(rest);
    else if (verb == "sriov")
        return make_functions(rest);
    else if (verb == "ready")
        return set_ready(std::string(rest));
    else if (kernel_.find_function(std::string(rest)))
        return obey_about_function(verb, std::string(rest));
    else
        return obey_about_device(verb, rest);
    return 0;
}

int Model::add_parent_as(std::string_view assignment)
{
    auto equals = assignment.find('=');
    if (equals == std::string_view::npos)
        return EINVAL;
    return kernel_.add_parent(std::string(assignment.substr(0, equals)),
        std::string(assignment.substr(equals + 1)));
}

// GPU COUNT
int Model::make_functions(std::string_view words)
{
    const auto blank = words.find(' ');
    auto* gpu = kernel_.find_gpu(std::string(words.substr(0, blank)));
    if (!gpu || blank == std::string_view::npos)
        return EINVAL;
    const auto count = parse_number(words.substr(blank + 1));
    return count.error
        ? EINVAL
        : gpu->make_functions(static_cast<unsigned>(count.value));
}

int Model::set_ready(const std::string& gpu)
{
    auto* found = kernel_.find_gpu(gpu);
    if (!found)
        return ENODEV;
    found->set_ready();
    return 0;
}

int Model::obey_about_function(std::string_view verb, const std::string& name)
{
    auto& function = *kernel_.find_function(name);
    if (verb == "hold") {
        function.is_held = true;
        return 0;
    }
    if (verb == "vanish") {
        const int error = kernel_.remove_function(name);
        settle_waiting(name, ENODEV);
        return error;
    }
    if (verb != "release")
        return EINVAL;
    function.is_held = false;
    if (waiting_.contains(name)) {
        VendorGpu::clear(function);
        settle_waiting(name, 0);
    }
    return 0;
}

int Model::obey_about_device(std::string_view verb, std::string_view uuid)
{
    if (verb != "vanish" && verb != "hold" && verb != "release")
        return EINVAL;
    auto name = parse_uuid(uuid);
    if (!name || name->size() != uuid.size())
        return EINVAL;
    auto* device = kernel_.find_device(*name);
    if (!device)
        return ENODEV;
    if (verb == "vanish")
        destroy(*device);
    else if (verb == "hold")
        device->is_held = true;
    else
        release(*device);
    return 0;
}

int Model::add_rule(std::string_view rule)
{
    auto parsed = FaultRule::parse(std::string(rule));
    if (!parsed)
        return EINVAL;
    faults_.add(std::move(*parsed));
    return 0;
}

void Model::destroy(Device& device)
{
    auto uuid = device.uuid;
    kernel_.destroy(device);
    settle_waiting(uuid, 0);
}

void Model::release(Device& device)
{
    device.is_held = false;
    if (device.is_leaving)
        destroy(device);
}

int Model::add_parent(const std::string& name, const std::string& profile)
{
    std::lock_guard lock(mutex_);
    return kernel_.add_parent(name, profile);
}

int Model::create(
    const std::string& parent, const std::string& type, const std::string& uuid)
{
    std::lock_guard lock(mutex_);
    return kernel_.create(parent, type, uuid);
}

int Model::add_fault(const std::string& rule)
{
    std::lock_guard lock(mutex_);
    return add_rule(rule);
}

void Model::give_up()
{
    std::vector<Write> settled;
    {
        std::lock_guard lock(mutex_);
        while (!waiting_.empty())
            settle_waiting(std::string(waiting_.begin()->first), ENODEV);
        settled.swap(settled_);
    }
    for (const auto& ended : settled)
        ended.done(ended.error);
}

}
