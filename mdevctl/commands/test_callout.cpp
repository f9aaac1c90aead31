// SPDX-License-Identifier: LGPL-2.1-or-later
#include "arguments.hpp"
#include "interruption.hpp"
#include "output.hpp"

#include <mdev/callout_engine.hpp>
#include <mdev/error.hpp>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <filesystem>

namespace {

namespace fs = std::filesystem;
using mdev::CalloutAction;
using mdev::CalloutEvent;
using mdev::CalloutState;

/// A type that no vendor has: a script must not take it for its own.
constexpr const char* foreign_type = "mdevctl-test-no-such-type";

constexpr std::array<std::pair<CalloutAction, std::string_view>, 5> deeds = {{
    {CalloutAction::define, "define"},
    {CalloutAction::start, "start"},
    {CalloutAction::modify, "modify"},
    {CalloutAction::stop, "stop"},
    {CalloutAction::undefine, "undefine"},
}};

/// A system that has nothing but the script; gone in the end.
class ScriptRoot {
public:
    explicit ScriptRoot(const fs::path& script)
    {
        auto name = (fs::temp_directory_path() / "mdevctl-XXXXXX").string();
        if (!mkdtemp(name.data()))
            throw mdev::Error(std::error_code(errno, std::system_category()),
                name, "Cannot make directory " + name);
        path_ = name;
        const auto directory = path_ / "usr/lib/mdevctl/scripts.d/callouts";
        fs::create_directories(directory);
        fs::create_symlink(fs::absolute(script), directory / script.filename());
    }
    ScriptRoot(const ScriptRoot&) = delete;
    ScriptRoot& operator=(const ScriptRoot&) = delete;
    ~ScriptRoot()
    {
        std::error_code ignored;
        fs::remove_all(path_, ignored);
    }

    const fs::path& path() const { return path_; }

private:
    fs::path path_;
};

/// As JSON. What cannot stand in it is spelled out already, but for quotes and
/// backslashes.
std::string as_json(std::string_view text)
{
    std::string out = "\"";
    for (const char c : harmless(text))
        (out += c == '"' || c == '\\' ? "\\" : "") += c;
    return out + "\"";
}

/// What is said about the script, a line each.
class Remarks {
public:
    explicit Remarks(bool in_json) : in_json_(in_json) {}

    void add(std::string_view result, const std::string& what,
        const std::string& why)
    {
        if (in_json_)
            output_.text(R"({"result": ")")
                .text(result)
                .text(R"(", "what": )")
                .text(as_json(what))
                .text(R"(, "why": )")
                .text(why.empty() ? "null" : as_json(why))
                .text("}\n");
        else
            output_.text(result)
                .text(std::string(6 - result.size(), ' '))
                .name(harmless(what))
                .text(why.empty() ? "" : ": ")
                .name(harmless(why))
                .text("\n");
    }
    void send() const { output_.send(); }

private:
    bool in_json_;
    Output output_;
};

/// Calls the script for everything that it may be called for.
class Examination {
public:
    Examination(
        const mdev::Environment& env, mdev::Definition device, Remarks& remarks)
        : env_(env),
          engine_(env),
          device_(std::move(device)),
          remarks_(remarks)
    {
    }

    bool passed() const { return passed_; }

    void run()
    {
        check(engine_.has_scripts(), "the file can be a script",
            "MDEVCTL_LOG=debug tells why it is passed over");
        if (!engine_.has_scripts())
            return;
        is_versioned_ = engine_.versioned_script(device_).has_value();
        note(is_versioned_ ? "it is versioned"
                           : "it is not versioned: it does not answer 'get "
                             "capabilities' with its capabilities");
        if (!is_versioned_)
            examine_silence();
        examine_foreign_type();
        for (const auto& [action, name] : deeds)
            examine_deed(action, std::string(name));
        examine_attributes();
        if (is_versioned_)
            examine_live();
    }

private:
    void note(const std::string& text) { remarks_.add("note", text, ""); }

    void check(bool good, const std::string& what, const std::string& why)
    {
        passed_ = passed_ && good;
        remarks_.add(good ? "ok" : "FAIL", what, good ? "" : why);
    }

    /// A script without a version has nothing to say about capabilities.
    void examine_silence()
    {
        const auto result = engine_.run(
            CalloutEvent::get, CalloutAction::capabilities, device_);
        if (!result)
            return;
        check_answer(*result, "get capabilities");
        check(result->output().empty(), "get capabilities says nothing",
            "what it says makes no sense as capabilities");
    }

    void examine_foreign_type()
    {
        mdev::Definition foreign = device_;
        foreign.set_type_id(foreign_type);
        const mdev::CalloutEngine fresh(env_);
        const auto result =
            fresh.run(CalloutEvent::pre, CalloutAction::start, foreign);
        check(!result && !fresh.versioned_script(foreign),
            "a type that is not its own is declined",
            "it must exit with status 2 for type " + std::string(foreign_type));
    }

    /// What a command needs of a script: an answer, and that in time.
    void check_answer(
        const mdev::CalloutResult& result, const std::string& what)
    {
        const bool answered = result.is_accepted() ||
            result.reason().find("exited with status") != std::string::npos;
        check(answered, what, result.reason());
        if (!result.is_accepted() && answered)
            note(what + ": " + result.reason());
        if (!result.errors().empty())
            note(what + " said: " + result.errors());
    }

    void examine_deed(CalloutAction action, const std::string& name)
    {
        const auto pre = engine_.run(CalloutEvent::pre, action, device_);
        if (pre)
            check_answer(*pre, "pre " + name);
        else if (is_versioned_)
            note("it is not asked before " + name);
        else
            check(false, "pre " + name,
                "it exited with status 2 for its own type");
        if (pre && !pre->is_accepted())
            return;
        for (const auto state : {CalloutState::success, CalloutState::failure})
            if (const auto post = engine_.post(pre, action, state, device_))
                check_answer(*post, "post " + name);
    }

    void examine_attributes()
    try {
        const auto attributes = engine_.attributes(device_);
        check(true, "get attributes", "");
        note("it names " + std::to_string(attributes.size()) +
            " attributes of the device");
    } catch (const mdev::Error& error) {
        check(false, "get attributes", error.what());
    }

    void examine_live()
    {
        const auto live =
            engine_.run(CalloutEvent::live, CalloutAction::modify, device_);
        if (live)
            check_answer(*live, "live modify");
        else
            note("it does not change running devices");
    }

    mdev::Environment env_;
    mdev::CalloutEngine engine_;
    mdev::Definition device_;
    bool is_versioned_ = false;
    bool passed_ = true;
    Remarks& remarks_;
};

}

int run_test_callout(const mdev::Environment& env, const Arguments& arguments)
{
    const ScriptRoot root(arguments.operand());
    mdev::Definition device(arguments.uuid().value_or(mdev::Uuid::random()),
        arguments.value("parent").value_or("test-parent"),
        *arguments.value("type"));
    Remarks remarks(arguments.has("json"));
    Examination examination(
        interruptible(env.with_root(root.path())), std::move(device), remarks);
    examination.run();
    remarks.send();
    return examination.passed() ? EXIT_SUCCESS : EXIT_FAILURE;
}
