// SPDX-License-Identifier: LGPL-2.1-or-later
#include "callout_engine_impl.hpp"
#include "environment_impl.hpp"
#include "json.hpp"
#include "kernel_error.hpp"
#include "script_directory.hpp"

#include <mdev/error.hpp>
#include <mdev/export.hpp>
#include <mdev/script_test.hpp>

#include <array>
#include <cerrno>

namespace mdev {

// Tests a callout script against mdevctl-callouts(7) by calling it as a command
// would, through a CalloutEngine that has no other script. The questions are
// real: `pre start` may reserve something, which `post` releases. That is why
// each `pre` that is accepted is followed by `post` with both states.

struct ScriptRemark::Impl {
    RemarkKind kind;
    std::string what;
    std::string why;
};

namespace {

/// A type of no vendor, which every script must decline.
constexpr const char* foreign_type = "mdevctl-test-no-such-type";

/// An engine with this script only.
CalloutEngine engine_of(
    const std::filesystem::path& script, const Environment& env)
{
    return Access::make<CalloutEngine>({env, {script}, {}});
}

/// Calls the script for every event and action, and collects remarks.
class ScriptTest {
public:
    ScriptTest(std::filesystem::path script, const Definition& device,
        const Environment& env)
        : env_(env),
          script_(std::move(script)),
          engine_(engine_of(script_, env)),
          device_(device)
    {
    }

    std::vector<ScriptRemark> run()
    {
        is_versioned_ = engine_.versioned_script(device_).has_value();
        note(is_versioned_ ? "the script is versioned"
                           : "the script is not versioned: it does not answer "
                             "'get capabilities' with its capabilities");
        if (!is_versioned_)
            test_capabilities();
        test_foreign_type();
        for (const auto action :
            {CalloutAction::define, CalloutAction::start, CalloutAction::modify,
                CalloutAction::stop, CalloutAction::undefine})
            test_operation(action);
        test_attributes();
        if (is_versioned_)
            test_live();
        cancellation(env_).check(
            "Testing " + script_.string(), script_.string());
        return std::move(remarks_);
    }

    void check(bool is_good, const std::string& what, const std::string& why)
    {
        add(is_good ? RemarkKind::ok : RemarkKind::failure, what,
            is_good ? "" : why);
    }
    std::vector<ScriptRemark> remarks() { return std::move(remarks_); }

private:
    void add(RemarkKind kind, const std::string& what, const std::string& why)
    {
        remarks_.push_back(Access::make<ScriptRemark>({kind, what, why}));
    }

    /// An engine remembers who declined and who timed out, and does not ask
    /// again; a test asks every question.
    void forget() { engine_ = engine_of(script_, env_); }

    void note(const std::string& text) { add(RemarkKind::note, text, ""); }

    /// A script that is not versioned should print nothing when asked for
    /// capabilities: its output could be mistaken for an answer.
    void test_capabilities()
    {
        const auto result = engine_.run(
            CalloutEvent::get, CalloutAction::capabilities, device_);
        if (!result)
            return;
        check_answer(*result, "get capabilities");
        check(result->output().empty(), "get capabilities prints nothing",
            "the output is not a valid answer");
    }

    void test_foreign_type()
    {
        auto foreign = device_;
        foreign.set_type_id(foreign_type);
        forget();
        const auto result =
            engine_.run(CalloutEvent::pre, CalloutAction::start, foreign);
        check(!result && !engine_.versioned_script(foreign),
            "a type of another vendor is declined",
            "the script must exit with status 2 for type " +
                std::string(foreign_type));
    }

    /// Checks that the script has ended by itself and in time. Its exit status
    /// does not matter: a script may refuse a device that does not exist.
    void check_answer(const CalloutResult& result, const std::string& what)
    {
        const bool is_answered = result.exit_status().has_value();
        check(is_answered, what, result.reason());
        if (!result.is_accepted() && is_answered)
            note(what + ": " + result.reason());
        if (!result.errors().empty())
            note(what + " wrote to stderr: " + result.errors());
    }

    void test_operation(CalloutAction action)
    {
        forget();
        const auto verb = std::string(mdev::word(action));
        const auto pre = engine_.run(CalloutEvent::pre, action, device_);
        if (pre)
            check_answer(*pre, "pre " + verb);
        else if (is_versioned_)
            note("the script is not called before " + verb);
        else
            check(false, "pre " + verb,
                "the script exited with status 2 for its own type");
        if (pre && !pre->is_accepted())
            return;
        for (const auto state : {CalloutState::success, CalloutState::failure})
            if (const auto post = engine_.post(pre, action, state, device_))
                check_answer(*post, "post " + verb);
    }

    void test_attributes()
    try {
        forget();
        const auto attributes = engine_.attributes(device_);
        check(true, "get attributes", "");
        note("the script reports " + std::to_string(attributes.size()) +
            " attributes of the device");
    } catch (const Error& error) {
        check(false, "get attributes", error.what());
    }

    void test_live()
    {
        forget();
        const auto live =
            engine_.run(CalloutEvent::live, CalloutAction::modify, device_);
        if (live)
            check_answer(*live, "live modify");
        else
            note("the script does not support live changes");
    }

    Environment env_;
    std::filesystem::path script_;
    CalloutEngine engine_;
    Definition device_;
    bool is_versioned_ = false;
    std::vector<ScriptRemark> remarks_;
};

}

ScriptRemark::ScriptRemark(std::shared_ptr<const Impl> impl) noexcept
    : impl_(std::move(impl))
{
}

MDEV_API RemarkKind ScriptRemark::kind() const noexcept
{
    return impl_->kind;
}

MDEV_API const char* ScriptRemark::word() const noexcept
{
    switch (impl_->kind) {
    case RemarkKind::ok: return "ok";
    case RemarkKind::note: return "note";
    default: return "FAIL";
    }
}

MDEV_API const std::string& ScriptRemark::what() const noexcept
{
    return impl_->what;
}

MDEV_API const std::string& ScriptRemark::why() const noexcept
{
    return impl_->why;
}

MDEV_API std::string ScriptRemark::to_json() const
{
    json::object object;
    object["result"] = word();
    object["what"] = what();
    object["why"] = json::or_null(why());
    return json::line(object);
}

MDEV_API std::vector<ScriptRemark> test_script(
    const std::filesystem::path& script, const Definition& device,
    const Environment& env)
{
    const auto path = absolute_path(script);
    const auto directory = Directory::at(path.parent_path());
    const auto name = path.filename().string();
    if (!directory || name.empty() || !directory->exists(name))
        throw kernel_error(ENOENT, "Cannot open", script);
    ScriptTest test(path, device, env);
    const auto why = why_no_script(*directory, name);
    test.check(why.empty(), "the file can be a script", std::string(why));
    return why.empty() ? test.run() : test.remarks();
}

}
