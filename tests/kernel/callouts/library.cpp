// SPDX-License-Identifier: LGPL-2.1-or-later
// A program with threads that uses the library on a system with scripts. No
// process of a script may remain, and the state of the program may not change.
// Prints TAP. As a script, the program checks what it inherits.
#include <mdev/mdev.hpp>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iostream>
#include <iterator>
#include <mutex>
#include <sstream>
#include <stdexcept>
#include <string>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace {

namespace fs = std::filesystem;
using mdev::Errc;
using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr auto parent = "P";
constexpr auto type = "T";

/// Why a check failed.
class Failure : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

void expect(bool condition, const std::string& message)
{
    if (!condition)
        throw Failure(message);
}

void wait_until(const std::function<bool()>& condition, const std::string& what)
{
    constexpr auto patience = 20s;
    const auto deadline = Clock::now() + patience;
    while (!condition()) {
        expect(Clock::now() < deadline, "timed out: " + what);
        std::this_thread::sleep_for(1ms);
    }
}

std::string content(const fs::path& file)
{
    std::ifstream stream(file, std::ios::binary);
    std::ostringstream text;
    text << stream.rdbuf(); // which does not throw if a process ends
    return text.str();
}

/// A root directory with scripts, which is removed at the end.
class Root {
public:
    Root()
    {
        std::string name =
            (fs::temp_directory_path() / "mdevctl-library-XXXXXX").string();
        if (!mkdtemp(name.data()))
            throw Failure("no temporary directory");
        path_ = name;
        write("nap", "#!/bin/sh\nwhile :; do sleep 0.1; done\n");
        fs::permissions(path_ / "nap", fs::perms::owner_all);
    }
    Root(const Root&) = delete;
    Root& operator=(const Root&) = delete;
    ~Root()
    {
        std::error_code ignored;
        fs::remove_all(path_, ignored);
    }

    fs::path path(const std::string& name) const { return path_ / name; }
    mdev::Environment env() const { return mdev::Environment(path_); }

    void write(const std::string& name, const std::string& text) const
    {
        std::ofstream(path_ / name, std::ios::binary) << text;
    }

    /// Adds a shell script that knows its event, its action and this directory.
    void script(const std::string& kind, const std::string& name,
        const std::string& body) const
    {
        const auto file = place(kind, name);
        std::ofstream(file) << "#!/bin/sh\nevent=$4 action=$6 uuid=${10} root='"
                            << path_.string() << "'\n"
                            << body << "\n";
        fs::permissions(file, fs::perms::owner_all);
    }

    /// Adds this program as a script.
    void script_that_says_what_it_has(const std::string& kind) const
    {
        const auto file = place(kind, "self");
        fs::create_symlink(fs::read_symlink("/proc/self/exe"), file);
    }

    bool is_defined(const mdev::Uuid& uuid) const
    {
        return mdev::ConfigStore(env()).find(uuid, parent).has_value();
    }

    /// Returns how many processes have a path in this directory on their
    /// command line.
    int processes() const
    {
        int count = 0;
        for (const auto& entry : fs::directory_iterator("/proc"))
            if (std::isdigit(entry.path().filename().string().front()) != 0 &&
                content(entry.path() / "cmdline").find(path_.string()) !=
                    std::string::npos)
                ++count;
        return count;
    }

    void check_none_left() const
    {
        wait_until(
            [this] { return processes() == 0; }, "a process is left behind");
    }

private:
    fs::path place(const std::string& kind, const std::string& name) const
    {
        const auto directory = path_ / "usr/lib/mdevctl/scripts.d" / kind;
        fs::create_directories(directory);
        fs::remove(directory / name);
        return directory / name;
    }

    fs::path path_;
};

mdev::Uuid uuid(int number)
{
    constexpr int first = 100;
    return *mdev::Uuid::parse(
        "11111111-2222-3333-4444-555555555" + std::to_string(first + number));
}

mdev::Definition device(int number)
{
    return {uuid(number), parent, type};
}

mdev::Definition large_device(int number)
{
    constexpr std::size_t size = 900'000;
    auto definition = device(number);
    definition.append_attribute("a", std::string(size, 'x'));
    return definition;
}

/// Returns the Errc that `command` throws; 0 if it throws nothing.
int errc_of(const std::function<void()>& command)
try {
    command();
    return 0;
} catch (const mdev::Error& error) {
    return error.code().category() == mdev::error_category()
        ? error.code().value()
        : -1;
} catch (const std::exception& error) {
    throw Failure(std::string("not an mdev::Error: ") + error.what());
}

void expect_errc(Errc errc, const std::function<void()>& command)
{
    const int found = errc_of(command);
    expect(found == static_cast<int>(errc),
        "Errc " + std::to_string(found) + " instead of " +
            std::to_string(static_cast<int>(errc)));
}

int open_descriptors()
{
    return static_cast<int>(std::distance(
        fs::directory_iterator("/proc/self/fd"), fs::directory_iterator()));
}

bool has_children()
{
    return waitpid(-1, nullptr, WNOHANG) >= 0 || errno != ECHILD;
}

/// The signal state of the program, which the library must not change.
struct SignalState {
    sigset_t mask{};
    struct sigaction pipe {};
    struct sigaction child {};

    static SignalState now()
    {
        SignalState state;
        pthread_sigmask(SIG_SETMASK, nullptr, &state.mask);
        sigaction(SIGPIPE, nullptr, &state.pipe);
        sigaction(SIGCHLD, nullptr, &state.child);
        return state;
    }

    bool operator==(const SignalState& other) const
    {
        for (int number = 1; number < NSIG; ++number)
            if (sigismember(&mask, number) != sigismember(&other.mask, number))
                return false;
        return pipe.sa_handler == other.pipe.sa_handler &&
            pipe.sa_flags == other.pipe.sa_flags &&
            child.sa_handler == other.child.sa_handler &&
            child.sa_flags == other.child.sa_flags;
    }
};

/// Sets another disposition of a signal until the end of the block.
class Disposition {
public:
    Disposition(int signal, void (*handler)(int)) : signal_(signal)
    {
        struct sigaction changed {};
        changed.sa_handler = handler;
        sigaction(signal, &changed, &before_);
    }
    Disposition(const Disposition&) = delete;
    Disposition& operator=(const Disposition&) = delete;
    ~Disposition() { sigaction(signal_, &before_, nullptr); }

private:
    int signal_;
    struct sigaction before_ {};
};

// NOLINTNEXTLINE(*-avoid-non-const-global-variables): for the signal handler
volatile std::sig_atomic_t signals_taken = 0;

void take_signal(int /*signal*/)
{
    signals_taken = signals_taken + 1;
}

/// Runs `work` in `count` threads at the same time. Throws the first failure.
void in_threads(int count, const std::function<void(int)>& work)
{
    std::mutex mutex;
    std::string first;
    {
        std::vector<std::jthread> threads;
        for (int i = 0; i < count; ++i)
            threads.emplace_back([&, i] {
                try {
                    work(i);
                } catch (const std::exception& error) {
                    const std::lock_guard guard(mutex);
                    if (first.empty())
                        first = error.what();
                }
            });
    }
    expect(first.empty(), first);
}

/// Runs commands that succeed and commands that fail, all for one device.
void use(const mdev::Manager& manager, int number)
{
    const auto id = uuid(number);
    const auto append = [](mdev::Definition& definition) {
        definition.append_attribute("a", "b");
    };
    manager.define(device(number));
    expect_errc(Errc::already_defined, [&] { manager.define(device(number)); });
    manager.modify(id, std::nullopt, append);
    expect_errc(Errc::callout_rejected, [&] {
        manager.modify(id, std::nullopt, [](mdev::Definition& definition) {
            definition.append_attribute("refuse", "it");
        });
    });
    manager.modify(large_device(number));
    expect_errc(Errc::not_active, [&] { manager.stop(id); });
    expect_errc(Errc::no_such_parent, [&] { manager.start(device(number)); });
    manager.undefine(id, std::nullopt);
}

/// Adds scripts of every kind: versioned and not, with much output, refusing,
/// crashing.
void install_scripts(const Root& root)
{
    root.script("callouts", "a", "exit 2");
    root.script("callouts", "b", R"(case $event in
get) echo '{"supports":{"version":2,"events":["pre","post","get"],
    "actions":["define","modify","undefine","start","attributes"]}}' ;;
pre) head -c 100000 /dev/zero >&2
    head -c 300 | grep -q refuse && exit 1 ;;
esac
exit 0)");
    root.script("notifiers", "n", "head -c 100000 /dev/zero; exit 0");
    root.script("notifiers", "k", "kill -9 $$");
}

void threads_leave_nothing()
{
    const Root root;
    install_scripts(root);
    const mdev::Manager shared(root.env());
    use(shared, 0);
    const auto signals = SignalState::now();
    const int descriptors = open_descriptors();
    in_threads(4, [&](int number) {
        for (int round = 0; round < 2; ++round)
            use(number % 2 == 0 ? shared : mdev::Manager(root.env()), number);
        expect(
            SignalState::now() == signals, "a thread's signals have changed");
    });
    expect(open_descriptors() == descriptors,
        std::to_string(open_descriptors()) + " descriptors, not " +
            std::to_string(descriptors));
    expect(!has_children(), "a child is left");
    expect(SignalState::now() == signals, "signals");
    root.check_none_left();
}

void an_engine_in_many_threads()
{
    const Root root;
    root.script("callouts", "s", R"(case $event-$action in
get-attributes) echo "[{\"uuid\":\"$uuid\"}]" ;;
esac)");
    const mdev::CalloutEngine engine(root.env());
    const int descriptors = open_descriptors();
    in_threads(4, [&](int) {
        std::vector<mdev::Definition> devices;
        for (int i = 0; i < 10; ++i)
            devices.push_back(device(i));
        engine.add_attributes(devices);
        for (const auto& each : devices)
            expect(each.attributes().size() == 1 &&
                    each.attributes().front().second == each.uuid().string(),
                "attributes");
    });
    expect(open_descriptors() == descriptors, "descriptors");
    expect(!has_children(), "a child is left");
}

void other_children_are_not_reaped()
{
    const Root root;
    install_scripts(root);
    constexpr int status_of_early = 11;
    constexpr int status_of_late = 12;
    const pid_t early = fork();
    if (early == 0)
        _exit(status_of_early);
    siginfo_t info{};
    waitid(P_PID, static_cast<id_t>(early), &info, WEXITED | WNOWAIT);
    int gate[2] = {};
    expect(pipe2(gate, O_CLOEXEC) == 0, "pipe");
    const pid_t late = fork();
    if (late == 0) {
        char byte = 0;
        close(gate[1]);
        if (read(gate[0], &byte, 1) < 0)
            _exit(1);
        _exit(status_of_late);
    }
    close(gate[0]);
    const mdev::Manager manager(root.env());
    use(manager, 0);
    close(gate[1]);
    use(manager, 0);
    int status = 0;
    expect(waitpid(early, &status, 0) == early &&
            WEXITSTATUS(status) == status_of_early,
        "the child that ended before");
    expect(waitpid(late, &status, 0) == late &&
            WEXITSTATUS(status) == status_of_late,
        "the child that ended later");
}

void sigchld_is_ignored()
{
    const Root root;
    root.script("callouts", "s", ": >>$root/called");
    root.script("notifiers", "n", ": >>$root/notified");
    const Disposition ignored(SIGCHLD, SIG_IGN);
    const mdev::Manager manager(root.env());
    constexpr int often = 20;
    for (int i = 0; i < often; ++i) {
        const bool agreed = errc_of([&] { manager.define(device(i)); }) == 0;
        expect(root.is_defined(uuid(i)) == agreed,
            agreed ? "reported, but not defined" : "defined, but not reported");
    }
    struct sigaction now {};
    sigaction(SIGCHLD, nullptr, &now);
    expect(now.sa_handler == SIG_IGN, "the disposition has changed");
}

void sigpipe_is_not_delivered()
{
    const Root root;
    root.script("callouts", "s", "exec <&-; exit 0");
    root.script("notifiers", "n", "head -c 3000000 /dev/zero; exit 0");
    signals_taken = 0;
    const Disposition counted(SIGPIPE, take_signal);
    const mdev::Manager manager(root.env());
    constexpr int often = 5;
    for (int i = 0; i < often; ++i) {
        manager.define(large_device(i));
        manager.undefine(uuid(i), std::nullopt);
    }
    expect(signals_taken == 0, "SIGPIPE");
}

void sigchld_handler_stays()
{
    const Root root;
    install_scripts(root);
    signals_taken = 0;
    const Disposition counted(SIGCHLD, take_signal);
    const auto before = SignalState::now();
    use(mdev::Manager(root.env()), 0);
    expect(SignalState::now() == before, "signals");
    expect(signals_taken > 0, "the handler of the program is not called");
}

/// An eventfd that cancels commands.
class Cancel {
public:
    Cancel() : fd_(eventfd(0, EFD_CLOEXEC)) {}
    Cancel(const Cancel&) = delete;
    Cancel& operator=(const Cancel&) = delete;
    ~Cancel() { close(fd_); }

    int descriptor() const { return fd_; }
    void give_up() const { eventfd_write(fd_, 1); }
    void forget() const
    {
        eventfd_t value = 0;
        eventfd_read(fd_, &value);
    }

private:
    int fd_;
};

/// Cancels the command as soon as a script has created the file `runs`. Returns
/// how long the command took to end.
std::chrono::duration<double> cancelled_after(const Root& root,
    const Cancel& cancel, const std::function<void()>& command)
{
    fs::remove(root.path("runs"));
    auto given_up = Clock::time_point::max();
    std::jthread other([&](const std::stop_token& ended) {
        while (!ended.stop_requested() && !fs::exists(root.path("runs")))
            std::this_thread::sleep_for(1ms);
        given_up = Clock::now();
        cancel.give_up();
    });
    const int errc = errc_of(command);
    const auto end = Clock::now();
    other.request_stop();
    other.join();
    cancel.forget();
    expect(errc == static_cast<int>(Errc::cancelled),
        "Errc " + std::to_string(errc) + " instead of cancelled");
    return end - given_up;
}

/// Long enough for a busy machine; half of the time limit of scripts.
constexpr auto soon = 30s;
constexpr auto hang = R"("$root/nap" & : >"$root/runs"; "$root/nap")";

void cancelling_ends_the_script()
{
    const Root root;
    const Cancel cancel;
    root.script("notifiers", "n", R"(echo "$event $8" >>"$root/heard")");
    const auto define = [&] {
        mdev::Manager(root.env().with_cancel(cancel.descriptor()))
            .define(device(1));
    };
    const auto on_pre = [](const std::string& words) {
        return "[ $event = pre ] || exit 0\n" + words;
    };
    root.script("callouts", "s", on_pre(hang));
    expect(cancelled_after(root, cancel, define) < soon,
        "the command took too long");
    root.check_none_left();
    expect(content(root.path("heard")) == "notify none\n",
        content(root.path("heard")));
    root.script("callouts", "s", on_pre(std::string("trap '' TERM;") + hang));
    expect(cancelled_after(root, cancel, define) < soon,
        "the command took too long");
    root.check_none_left();
    expect(!root.is_defined(uuid(1)), "the device is defined");
    expect(!has_children(), "a child is left");
    root.script("callouts", "s", "exit 0");
    define();
}

/// Cancels a command while the script of another command runs.
void cancelling_ends_waiting_for_others()
{
    const Root root;
    const Cancel cancel;
    root.script("callouts", "s", R"([ $event = pre ] || exit 0
        : >"$root/runs"
        while [ ! -e "$root/end" ]; do sleep 0.01; done)");
    const auto define = [&](int number, const mdev::Environment& env) {
        mdev::Manager(env).define(device(number));
    };
    std::jthread first([&] { define(1, root.env()); });
    wait_until([&] { return fs::exists(root.path("runs")); }, "the script");
    const int late =
        errc_of([&] { define(2, root.env().with_callout_lock_timeout(1ms)); });
    cancel.give_up();
    const int cancelled = errc_of(
        [&] { define(2, root.env().with_cancel(cancel.descriptor())); });
    root.write("end", "");
    first.join();
    expect(late == static_cast<int>(Errc::timed_out),
        "Errc " + std::to_string(late) + " instead of timed_out");
    expect(cancelled == static_cast<int>(Errc::cancelled),
        "Errc " + std::to_string(cancelled) + " instead of cancelled");
    expect(root.is_defined(uuid(1)), "the other command did not continue");
    expect(!root.is_defined(uuid(2)), "the device is defined");
}

void cancelling_ends_attributes()
{
    const Root root;
    const Cancel cancel;
    const auto env = root.env().with_cancel(cancel.descriptor());
    root.script("callouts", "s",
        std::string("echo >>\"$root/calls\"\n[ $action = attributes ] || exit "
                    "0\n") +
            hang);
    expect(cancelled_after(root, cancel,
               [&] { mdev::CalloutEngine(env).attributes(device(1)); }) < soon,
        "the command took too long");
    root.check_none_left();
    constexpr int many = 100;
    std::vector<mdev::Definition> devices;
    for (int i = 0; i < many; ++i)
        devices.push_back(device(i));
    fs::remove(root.path("calls"));
    expect(
        cancelled_after(root, cancel,
            [&] { mdev::CalloutEngine(env).add_attributes(devices); }) < soon,
        "the command took too long");
    root.check_none_left();
    expect(content(root.path("calls")).size() < many, "the command continued");
}

/// A cancelled question does not count as an answer.
void cancelling_is_not_remembered()
{
    const Root root;
    const Cancel cancel;
    root.script("callouts", "s",
        std::string(R"(echo "$event $action" >>"$root/calls"
[ $event = get ] || exit 0
if [ ! -e "$root/asked" ]; then
    : >"$root/asked"
    )") + hang +
            R"(
fi
echo '{"supports":{"version":2,"actions":["define"],"events":["post"]}}')");
    const mdev::Manager manager(root.env().with_cancel(cancel.descriptor()));
    cancelled_after(root, cancel, [&] { manager.define(device(1)); });
    root.check_none_left();
    expect(!root.is_defined(uuid(1)), "the device is defined");
    fs::remove(root.path("calls"));
    manager.define(device(1));
    expect(content(root.path("calls")) == "get capabilities\npost define\n",
        content(root.path("calls")));
}

void a_time_limit_leaves_nothing()
{
    const Root root;
    root.script("callouts", "s", std::string("trap '' TERM\n") + hang);
    const mdev::Manager manager(root.env().with_script_timeout(100ms));
    const int descriptors = open_descriptors();
    expect_errc(Errc::timed_out, [&] { manager.define(device(1)); });
    expect(!root.is_defined(uuid(1)), "the device is defined");
    root.check_none_left();
    expect(!has_children(), "a child is left");
    expect(open_descriptors() == descriptors, "descriptors");
}

/// Checks what a script inherits. act_as_script() has the checks.
void expect_clean_scripts()
{
    const Root root;
    root.script("callouts", "s", "[ $event != get ] || exit 2");
    std::string complaints;
    const auto log = [&](mdev::LogLevel level, std::string_view text) {
        if (level <= mdev::LogLevel::warning)
            complaints.append(text).append("\n");
    };
    root.script_that_says_what_it_has("notifiers");
    mdev::Manager(root.env().with_log(log)).define(large_device(1));
    expect(complaints.empty(), complaints);
}

void descriptors_stay_at_home()
{
    std::vector<int> inherited;
    constexpr int many = 20;
    for (int i = 0; i < many; ++i)
        inherited.push_back(open("/dev/null", O_RDONLY));
    expect_clean_scripts();
    for (const int fd : inherited)
        close(fd);
}

void blocked_signals_stay_at_home()
{
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    try {
        expect_clean_scripts();
    } catch (...) {
        pthread_sigmask(SIG_SETMASK, &before, nullptr);
        throw;
    }
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

void ignored_signals_stay_at_home()
{
    const Disposition pipe(SIGPIPE, SIG_IGN);
    expect_clean_scripts();
}

/// Closes the standard descriptors until the end of the block.
class NoStandardDescriptors {
public:
    NoStandardDescriptors()
    {
        for (int fd = 0; fd <= STDERR_FILENO; ++fd) {
            kept_.push_back(fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1));
            close(fd);
        }
    }
    NoStandardDescriptors(const NoStandardDescriptors&) = delete;
    NoStandardDescriptors& operator=(const NoStandardDescriptors&) = delete;
    ~NoStandardDescriptors()
    {
        for (int fd = 0; fd <= STDERR_FILENO; ++fd) {
            dup2(kept_[static_cast<std::size_t>(fd)], fd);
            close(kept_[static_cast<std::size_t>(fd)]);
        }
    }

private:
    std::vector<int> kept_;
};

void no_standard_descriptors()
{
    const Root root;
    install_scripts(root);
    const NoStandardDescriptors closed;
    expect_clean_scripts();
    use(mdev::Manager(root.env()), 0);
    for (int fd = 0; fd <= STDERR_FILENO; ++fd)
        expect(fcntl(fd, F_GETFD) < 0, "a standard descriptor is open");
}

/// Limits the number of open descriptors until the end of the block.
class FewDescriptors {
public:
    explicit FewDescriptors(rlim_t few)
    {
        getrlimit(RLIMIT_NOFILE, &before_);
        auto changed = before_;
        changed.rlim_cur = few;
        setrlimit(RLIMIT_NOFILE, &changed);
    }
    FewDescriptors(const FewDescriptors&) = delete;
    FewDescriptors& operator=(const FewDescriptors&) = delete;
    ~FewDescriptors() { setrlimit(RLIMIT_NOFILE, &before_); }

private:
    struct rlimit before_ {};
};

/// Runs commands with more and more descriptors. Each command throws an
/// mdev::Error or makes the change, and never leaves a descriptor open.
void few_descriptors()
{
    const Root root;
    root.script("callouts", "s", "cat >/dev/null");
    root.script("notifiers", "n", ":");
    const mdev::Manager manager(root.env());
    const int descriptors = open_descriptors();
    bool done = false;
    constexpr int enough = 40;
    for (int more = 0; more < enough && !done; ++more) {
        int errc = 0;
        {
            const FewDescriptors few(static_cast<rlim_t>(descriptors + more));
            errc = errc_of([&] { manager.define(device(1)); });
        }
        done = errc == 0;
        expect(root.is_defined(uuid(1)) == done,
            std::to_string(more) + " descriptors");
        expect(open_descriptors() == descriptors, "descriptors");
        expect(!has_children(), "a child is left");
    }
    expect(done, "no command has succeeded");
}

/// A failure after the change cannot make the command fail.
void no_descriptor_left_for_post()
{
    const Root root;
    root.script("callouts", "s", ":");
    root.script("notifiers", "n", ":");
    std::optional<FewDescriptors> few;
    const auto log = [&](mdev::LogLevel, std::string_view text) {
        if (text.find("for post") != text.npos)
            few.emplace(0);
    };
    const mdev::Manager manager(root.env().with_log(log));
    const int errc = errc_of([&] { manager.define(device(1)); });
    few.reset();
    expect(root.is_defined(uuid(1)), "the device is not defined");
    expect(errc == 0, "the device is defined, but an error is reported");
}

void an_edit_that_throws()
{
    const Root root;
    root.script("callouts", "s", ": >>$root/called");
    const mdev::Manager manager(root.env());
    manager.define(device(1));
    fs::remove(root.path("called"));
    try {
        manager.modify(uuid(1), std::nullopt,
            [](mdev::Definition&) { throw Failure("as intended"); });
        throw std::logic_error("modify did not throw");
    } catch (const Failure&) {
        expect(!fs::exists(root.path("called")), "a script was called");
    }
    std::thread([&] {
        manager.modify(uuid(1), std::nullopt, [](mdev::Definition&) {});
    }).join();
}

struct Check {
    const char* title;
    void (*run)();
};

constexpr Check checks[] = {
    {"commands in threads leave no descriptor, child or signal",
        threads_leave_nothing},
    {"one engine answers many threads", an_engine_in_many_threads},
    {"the host's children are not reaped", other_children_are_not_reaped},
    {"SIGCHLD ignored: results are correct", sigchld_is_ignored},
    {"SIGCHLD handled: the handler is preserved", sigchld_handler_stays},
    {"SIGPIPE is never delivered", sigpipe_is_not_delivered},
    {"cancelling ends a script", cancelling_ends_the_script},
    {"cancelling ends waiting for other commands",
        cancelling_ends_waiting_for_others},
    {"cancelling ends a question for attributes", cancelling_ends_attributes},
    {"a cancelled question is asked again", cancelling_is_not_remembered},
    {"a script that exceeds its time leaves no process",
        a_time_limit_leaves_nothing},
    {"scripts inherit no descriptors", descriptors_stay_at_home},
    {"scripts inherit no blocked signals", blocked_signals_stay_at_home},
    {"scripts inherit no ignored SIGPIPE", ignored_signals_stay_at_home},
    {"no standard descriptors", no_standard_descriptors},
    {"few descriptors", few_descriptors},
    {"no descriptor left for post", no_descriptor_left_for_post},
    {"an edit that throws", an_edit_that_throws},
};

/// Fails with a message if this script has inherited too much or too little.
int act_as_script()
{
    std::string complaints;
    for (const auto& entry : fs::directory_iterator("/proc/self/fd")) {
        const auto fd = std::stoi(entry.path().filename().string());
        std::error_code gone;
        const auto target = fs::read_symlink(entry.path(), gone).string();
        // Ignore the descriptor of the directory that is being read.
        if (fd > STDERR_FILENO && target.find("/fd") == target.npos)
            complaints += "descriptor " + std::to_string(fd) + ": " + target;
    }
    constexpr std::size_t least = 900'000;
    const std::string input(std::istreambuf_iterator<char>(std::cin), {});
    if (input.size() < least)
        complaints += " stdin has " + std::to_string(input.size()) + " bytes";
    const auto signals = SignalState::now();
    for (int number = 1; number < SIGRTMIN; ++number)
        if (sigismember(&signals.mask, number) == 1)
            complaints += " signal " + std::to_string(number) + " is blocked";
    if (signals.pipe.sa_handler != SIG_DFL)
        complaints += " SIGPIPE is ignored";
    std::cerr << complaints;
    std::cout << std::string(least, 'o');
    return complaints.empty() ? EXIT_SUCCESS : EXIT_FAILURE;
}

bool holds(const Check& check)
try {
    check.run();
    return true;
} catch (const std::exception& error) {
    std::cerr << check.title << ": " << error.what() << std::endl;
    return false;
}

}

int main(int argc, char** argv)
{
    const std::vector<std::string> words(argv + 1, argv + argc);
    if (!words.empty() && words.front() == "-t")
        return act_as_script();
    int number = 0;
    int failures = 0;
    std::cout << "1.." << std::size(checks) << std::endl;
    for (const auto& check : checks) {
        const bool good =
            words.empty() || words.front() == std::to_string(number + 1)
            ? holds(check)
            : true;
        failures += good ? 0 : 1;
        std::cout << (good ? "ok " : "not ok ") << ++number << " - "
                  << check.title << std::endl;
    }
    return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
