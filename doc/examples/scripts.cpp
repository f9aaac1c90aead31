// SPDX-License-Identifier: LGPL-2.1-or-later
// Calls callout scripts, handles a rejection, and tests a script.
#include <mdev/mdev.hpp>

#include <chrono>
#include <cstdio>

int main(int argc, char** argv)
try {
    const mdev::Environment env(argc > 1 ? argv[1] : "/");
    const mdev::Definition definition(
        mdev::Uuid::parse("83b8f4f2-509f-382f-3c1e-e6bfe0fa1001").value(),
        "mtty", "mtty-1");

    const mdev::CalloutEngine engine(env);
    std::printf("%s\n", engine.has_scripts() ? "scripts" : "no scripts");
    const auto result = engine.run(
        mdev::CalloutEvent::pre, mdev::CalloutAction::start, definition);
    if (result && !result->is_accepted())
        std::printf("%s: %s, %s", result->script().filename().c_str(),
            result->reason().c_str(), result->errors().c_str());

    // A script that was killed has no exit status, but a signal.
    if (result && result->signal())
        std::printf("killed by signal %d\n", *result->signal());
    if (result && result->exit_status())
        std::printf("status %d, %zu bytes of output\n", *result->exit_status(),
            result->output().size());

    // A program with a command of its own reports the result to the script, and
    // then to the notifiers. Manager does this for its commands.
    const auto state = mdev::CalloutState::failure;
    engine.post(result, mdev::CalloutAction::start, state, definition);
    const auto notified =
        engine.notify(mdev::CalloutAction::start, state, definition);
    std::printf("%zu notifiers\n", notified.size());

    // The attributes of active devices, as their scripts report them.
    std::vector<mdev::Definition> devices{definition};
    engine.add_attributes(devices);
    std::printf("%zu attributes, %zu attributes\n",
        engine.attributes(definition).size(),
        devices.front().attributes().size());

    // An engine with a time limit for one question. It shares the remembered
    // answers of the other engine.
    const auto soon =
        std::chrono::steady_clock::now() + std::chrono::seconds(5);
    const auto same = engine.with_environment(env.with_deadline(soon))
                          .versioned_script(definition);
    std::printf("%s\n", same ? "versioned" : "not versioned");

    // Calls the script for every event, and reports the script's mistakes.
    if (result)
        for (const auto& remark :
            mdev::test_script(result->script(), definition, env))
            if (remark.kind() == mdev::RemarkKind::failure)
                std::printf(
                    "%s: %s\n", remark.what().c_str(), remark.why().c_str());

    try {
        mdev::Manager(env).start(definition);
    } catch (const mdev::Error& error) {
        if (error.code() != mdev::Errc::callout_rejected)
            throw;
        std::printf("rejected\n");
    }
} catch (const mdev::Error& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
}
