# SPDX-License-Identifier: LGPL-2.1-or-later
"""Measures this mdevctl, the mdevctl 1.2.0 of Debian 12 ("peer" in this
script), and a program that makes only the necessary system calls ("floor"), in
turn and on the same trees. Prints the figures, and whether the targets are
met. Called by run.sh.

Every program runs in a root directory of its own: a tree of trees.py with the
host's /usr, in a mount namespace that ends with this script."""
import argparse
import atexit
import collections
import os
import pathlib
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

import trees

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import simulated  # noqa: E402

SKIPPED = 77
PLAIN = "/bench/build/mdevctl/mdevctl"
PEER = "/bench/peer/mdevctl"
FLOOR = "/bench/floor"
TRUE = "/usr/bin/true"

Tree = collections.namedtuple("Tree", "name make count")
# A comparison: mdevctl gets `words`, and mdevctl 1.x `peer_words`. `floor` is the
# directory and depth of the files that must be read, and their names.
Work = collections.namedtuple(
    "Work", "name tree words peer_words floor rounds targets")
# `of` is a measured value, `to` the program to compare with, and `most` the
# maximum ratio.
Target = collections.namedtuple("Target", "of to most")
Sample = collections.namedtuple("Sample", "wall cpu memory")


class Script(str):
    """Commands of a shell instead of the words for one program, "$0"."""


# libvirt 11.3 gives the last two commands again for each parent and each active
# device that it meets while it starts; programs for clusters ask for types.
LIBVIRT = Script("""\
for i in $(seq 50); do
    "$0" types --dumpjson
    "$0" list --dumpjson --defined
    "$0" list --dumpjson
done
""")

DEFINITIONS = ("/etc/mdevctl.d", 1, [])
# One level more than the tree has, so that only names are read.
NAMES = ("/etc/mdevctl.d", 2, [])
TYPES = ("/sys/devices/pci0000:00", 3,
         ["available_instances", "device_api", "name", "description"])


# The tree whose /sys is mdevsim's.
SIMULATED = "automatic 1,000, simulated"


def trees_of(scale):
    """A tenth, a hundredth … of every number, for a smaller scale."""
    def tree(name, make, count):
        return Tree(name, make, max(count * scale // 1000, 1))

    foreign = [(name, trees.FOREIGN_SCRIPT) for name in "abc"]
    answering = [("a", trees.VERSIONED_SCRIPT)]
    return {each.name: each for each in (
        Tree("empty", trees.empty, 0),
        tree("defined 100", trees.defined_under(1), 100),
        tree("defined 1,000", trees.defined_under(1), 1000),
        tree("defined 10,000", trees.defined_under(1), 10000),
        tree("defined 10,000 / 100", trees.defined_under(100), 10000),
        tree("active", trees.active, 1000),
        tree("active, foreign", trees.active_with(*foreign), 1000),
        tree("active, answered", trees.active_with(*answering), 1000),
        tree("types 100", trees.typed, 100),
        tree("types 1,000", trees.typed, 1000),
        tree("automatic 100", trees.automatic_on(1), 100),
        tree("automatic 1,000", trees.automatic_on(1), 1000),
        tree("automatic 100 / 10", trees.automatic_on(10), 100),
        tree("automatic 1,000 / 10", trees.automatic_on(10), 1000),
        tree(SIMULATED, trees.automatic_only, 1000),
        Tree("usual", trees.usual, 20))}


def works_of(forest, rounds):
    def some(name):
        names = trees.uuids(forest[name].count)
        return names[len(names) // 2]

    def work(name, tree, words, *targets, peer=None, floor=None, times=1):
        return Work(name, tree, words, peer or words, floor,
                    max(int(rounds * times), 1), targets)

    one, hundred = "defined 10,000", "defined 10,000 / 100"
    start = f"start-parent-mdevs {trees.parent_name(0)}"
    # mdevctl 1.x has no command for all parents.
    start_each = Script("\n".join(
        f'"$0" start-parent-mdevs {trees.parent_name(number)}'
        for number in range(10)))
    return [
        work("--version", "empty", "--version",
             Target("excess", "peer", 0.12), times=10),
        work("list, empty", "empty", "list",
             Target("excess", "peer", 0.25), times=10),
        work("list -d, 100", "defined 100", "list -d", floor=DEFINITIONS,
             times=5),
        work("list -d, 1,000", "defined 1,000", "list -d", floor=DEFINITIONS,
             times=3),
        work("list -d, 10,000", one, "list -d", Target("cpu", "peer", 0.5),
             Target("cpu", "floor", 1.25), floor=DEFINITIONS),
        work("list -d, 10,000 under 100", hundred, "list -d",
             Target("cpu", "peer", 0.5), Target("cpu", "floor", 1.25),
             floor=DEFINITIONS),
        work("list -d --dumpjson, 10,000", one, "list -d --dumpjson",
             Target("cpu", "peer", 0.4), Target("cpu", "floor", 1.4),
             Target("memory", "peer", 0.15), floor=DEFINITIONS),
        work("list -d -u, 10,000", one, f"list -d -u {some(one)}",
             Target("cpu", "peer", 0.2), times=5),
        work("list -d -u, 10,000 under 100", hundred,
             f"list -d -u {some(hundred)}", Target("cpu", "floor", 1.1),
             floor=NAMES, times=5),
        work("modify -u, 10,000", one, f"modify -u {some(one)} --auto",
             Target("cpu", "peer", 0.2), times=5),
        work("modify -u, 10,000 under 100", hundred,
             f"modify -u {some(hundred)} --auto", Target("cpu", "floor", 1.1),
             floor=NAMES, times=5),
        work("types, 100 × 10", "types 100", "types", floor=TYPES, times=2),
        work("types, 1,000 × 10", "types 1,000", "types",
             Target("cpu", "floor", 1.08), floor=TYPES),
        work("list, 1,000 active", "active", "list",
             Target("cpu", "peer", 0.5), times=2),
        work("list, 3 scripts answer 2", "active, foreign", "list",
             Target("wall", "peer", 0.02), times=0.3),
        work("list --dumpjson, 3 scripts answer 2", "active, foreign",
             "list --dumpjson", Target("wall", "peer", 0.02), times=0.3),
        work("list --dumpjson, 1 script answers", "active, answered",
             "list --dumpjson", Target("wall", "peer", 0.6), times=0.3),
        work("start-parent-mdevs, 100", "automatic 100", start, times=2),
        work("start-parent-mdevs, 1,000", "automatic 1,000", start,
             Target("cpu", "peer", 0.3)),
        work("start --auto, 100 under 10", "automatic 100 / 10",
             "start --auto -q", peer=start_each, times=2),
        work("start --auto, 1,000 under 10", "automatic 1,000 / 10",
             "start --auto -q", Target("cpu", "peer", 0.3), peer=start_each),
        work("start --auto, 1,000 on mdevsim", SIMULATED, "start --auto -q",
             Target("cpu", "peer", 0.7), peer=start, times=0.3),
        work("types, list -d, list: 50 times", "usual", LIBVIRT,
             Target("wall", "peer", 0.7), times=0.3)]


# Ten times the work may take eleven times the processor time. The time of a
# program that does nothing is subtracted from both.
LINEAR = [("list -d, 1,000", "list -d, 10,000"),
          ("types, 100 × 10", "types, 1,000 × 10"),
          ("start-parent-mdevs, 100", "start-parent-mdevs, 1,000"),
          ("start --auto, 100 under 10", "start --auto, 1,000 under 10")]
LINEAR_MOST = 11

# The maximum memory for a very long list, in MiB, without the list itself.
HUGE_MOST = 24
# In MB, and in KiB as size(1) counts.
PROGRAM_MOST = 2.5
LIBRARY_MOST = 1000


class Simulation:
    """mdevsim with one parent, as long as this script runs."""

    def __init__(self, mdevsim, mount, devices):
        self.control = mount / ".mdevsim/control"
        self.parent = trees.parent_name(0)
        self.profile = f"plain:{devices}:1"
        self.process = simulated.kernel(
            mdevsim, mount, "--parent", f"{self.parent}={self.profile}")
        atexit.register(self.end)

    def end(self):
        self.process.terminate()
        self.process.wait()

    def reset(self):
        for command in (f"remove-parent {self.parent}",
                        f"add-parent {self.parent}={self.profile}"):
            self.control.write_text(command)


class Host:
    """A tree for the programs."""

    def __init__(self, tree, base, programs):
        self.root = base / tree.name.replace("/", "of")
        self.root.mkdir()
        tree.make(self.root, tree.count)
        self.measure = programs.measure
        self.simulation = None
        if tree.name == SIMULATED:
            self.simulation = Simulation(
                programs.mdevsim, self.root / "sys", tree.count)
        self.mount("/usr", "usr")
        self.mount("/dev", "dev")
        self.mount(programs.build, "bench/build")
        if programs.peer:
            self.mount(programs.peer.parent, "bench/peer")
        shutil.copy(programs.floor, self.root / "bench/floor")
        # Without this file every shared library is searched for.
        shutil.copy("/etc/ld.so.cache", self.root / "etc")
        for name in ("bin", "lib", "lib64"):
            (self.root / name).symlink_to(f"usr/{name}")
        (self.root / "proc").mkdir()
        subprocess.run(["mount", "-t", "proc", "proc", self.root / "proc"],
                       check=True)

    def mount(self, source, target):
        (self.root / target).mkdir(parents=True, exist_ok=True)
        subprocess.run(["mount", "--bind", source, self.root / target],
                       check=True)
        subprocess.run(["mount", "-o", "remount,bind,ro", self.root / target],
                       check=True)

    def run(self, how, program, words):
        if self.simulation:
            self.simulation.reset()
        command = ["/bin/sh", "-c", words, program] \
            if isinstance(words, Script) else [program, *words.split()]
        return subprocess.run(
            [self.measure, self.root, how, *command], check=True,
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"},
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE).stdout

    def sample(self, program, words):
        wall, cpu, memory = map(int, self.run("1", program, words).split())
        return Sample(wall / 1e6, cpu / 1e6, memory / 1024)

    def calls(self, program, words):
        return int(self.run("calls", program, words))

    def output(self, program, words):
        return self.run("show", program, words)


class Differ(Exception):
    """The programs have different results."""


def check_same(work, host, programs):
    """Checks that the programs print the same lines in any order, without the
    empty line at the end of mdevctl 1.x's output."""
    if work.words == "--version" or not programs.peer:
        return
    ours, peer = (
        sorted(line for line in host.output(*command).splitlines() if line)
        for command in ((PLAIN, work.words), (PEER, work.peer_words)))
    if ours != peer:
        raise Differ(f"'{work.name}': the programs print different things")


def runners(work, host, programs):
    """Returns the programs: for each a name, a program and its words."""
    all_of_them = {"ours": (PLAIN, work.words)}
    if programs.peer:
        all_of_them["peer"] = (PEER, work.peer_words)
    if work.floor:
        size = len(host.output(PLAIN, work.words))
        directory, depth, files = work.floor
        all_of_them["floor"] = (
            FLOOR, " ".join([directory, str(depth), str(size), *files]))
    if any(target.of == "excess" for target in work.targets):
        all_of_them["true"] = (TRUE, "")
    return all_of_them


def over(mine, other):
    """Returns a ratio, or nothing if a figure is too small to be measured."""
    return mine / other if other > 0 else float("inf")


class Result:
    """Returns the medians of all rounds of each program."""

    def __init__(self, work, samples, calls):
        self.work = work
        self.calls = calls
        self.medians = {
            name: Sample(*map(statistics.median, zip(*of_one)))
            for name, of_one in samples.items()}
        self.samples = samples

    def value(self, name, of):
        """Returns the figure that the target `of` compares."""
        if of == "excess":
            return self.medians[name].wall - self.medians["true"].wall
        return getattr(self.medians[name], of)

    def ratio(self, target):
        """Returns the median of the ratios of each round, in which both
        programs ran one after the other. An excess is small beside its
        scatter, so its ratio is the ratio of the medians."""
        if target.to not in self.medians:
            return None
        if target.of == "excess":
            return over(self.value("ours", "excess"),
                        self.value(target.to, "excess"))
        return statistics.median(
            over(getattr(mine, target.of), getattr(other, target.of))
            for mine, other in zip(self.samples["ours"],
                                   self.samples[target.to]))


def run_work(work, host, programs):
    check_same(work, host, programs)
    who = runners(work, host, programs)
    samples = {name: [] for name in who}
    for program, words in who.values():
        host.sample(program, words)  # files from the disk are in memory now
    for _ in range(work.rounds):
        for name, (program, words) in who.items():
            samples[name].append(host.sample(program, words))
    calls = {name: host.calls(program, words)
             for name, (program, words) in who.items()}
    return Result(work, samples, calls)


def print_row(*cells):
    print("| " + " | ".join(str(cell) for cell in cells) + " |", flush=True)


def print_measured(results):
    print_row("work", "program", "wall ms", "CPU ms", "peak MiB",
              "system calls", "ratio of CPU", "ratio of wall")
    print_row(*["---"] * 8)
    for result in results:
        for name, median in result.medians.items():
            ratios = ["", ""] if name == "ours" else [
                f"{result.ratio(Target(of, name, 0)):.2f}"
                for of in ("cpu", "wall")]
            print_row(result.work.name if name == "ours" else "",
                      LABELS[name], f"{median.wall:.2f}", f"{median.cpu:.2f}",
                      f"{median.memory:.1f}", f"{result.calls[name]:,}",
                      *ratios)


# The names of the programs in the tables.
LABELS = {"ours": "mdevctl 2", "peer": "mdevctl 1.x", "floor": "lower bound",
          "true": "true"}
WORDS = {"excess": "wall clock without that of /bin/true", "cpu": "CPU",
         "memory": "peak memory", "wall": "wall clock"}


def print_target_heading():
    print_row("work", "what", "at most", "measured", "")
    print_row(*["---"] * 5)


def print_sizes(build):
    """Returns the sizes of the installed files: the program without its
    symbols, and the memory of the library without its data."""
    program = build / "bench-stripped"
    subprocess.run(["strip", "-o", program, build / "mdevctl/mdevctl"],
                   check=True)
    print_target("program", "stripped, MB", PROGRAM_MOST,
                 program.stat().st_size / 1e6)
    program.unlink()
    library = next((build / "libmdev").glob("libmdev.so.?"))
    text = subprocess.run(["size", library], check=True, text=True,
                          stdout=subprocess.PIPE).stdout.split()[6]
    print_target("libmdev.so", "text, KiB", LIBRARY_MOST, int(text) / 1024)


def print_targets(results):
    print_target_heading()
    for result in results:
        for target in result.work.targets:
            ratio = result.ratio(target)
            if ratio is not None:
                print_target(result.work.name,
                             f"{WORDS[target.of]}, to {LABELS[target.to]}",
                             target.most, ratio)
    by_name = {result.work.name: result for result in results}
    nothing = by_name["list, empty"].value("ours", "cpu")
    for small, large in LINEAR:
        print_target(
            large, f"CPU, to '{small}'", LINEAR_MOST,
            over(by_name[large].value("ours", "cpu") - nothing,
                 by_name[small].value("ours", "cpu") - nothing))


def print_target(name, what, most, ratio):
    print_row(name, what, f"{most:g}", f"{ratio:.3f}",
              "met" if ratio <= most else "MISSED")


def fetched_peer(directory):
    """Returns nothing if the value is not available."""
    fetch = pathlib.Path(__file__).with_name("fetch_peer.sh")
    done = subprocess.run(["sh", fetch, directory], stdout=subprocess.PIPE,
                          text=True, check=False)
    return pathlib.Path(done.stdout.strip()) if done.stdout else None


def print_host(rounds, programs):
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        model = [line.partition(":")[2].strip() for line in file
                 if line.startswith("model name")]
    print(f"{model[0] if model else platform.machine()}, {os.cpu_count()} "
          f"processors, Linux {platform.release()}, "
          f"{time.strftime('%Y-%m-%d')}; medians of {rounds} rounds, more "
          f"for short commands, {max(int(rounds * 0.3), 1)} for commands "
          f"that call scripts; load at the beginning "
          f"{os.getloadavg()[0]:.2f}")
    if not programs.peer:
        print("mdevctl 1.x is not available here, and not measured.")
    if not programs.mdevsim:
        print("Nothing is measured on mdevsim, which is not built.")
    if programs.quick:
        print("The trees are a hundredth of their usual size: the figures "
              "are useless.")


def huge(base, programs, count):
    """Memory grows with the length of the list, and the number of descriptors
    does not."""
    print_row("definitions", "command", "wall ms", "CPU ms", "peak MiB",
              "KiB each", "descriptors at most")
    print_row(*["---"] * 7)
    largest = 0
    for size in (count // 10, count):
        host = Host(Tree(f"huge {size}", trees.defined_under(100), size), base,
                    programs)
        for words in ("list -d", "list -d --dumpjson"):
            host.sample(PLAIN, words)
            sample = host.sample(PLAIN, words)
            limit = fewest_descriptors(host, words)
            largest = max(largest, sample.memory)
            print_row(f"{size:,}", words, f"{sample.wall:.0f}",
                      f"{sample.cpu:.0f}", f"{sample.memory:.0f}",
                      f"{sample.memory * 1024 / size:.2f}", limit)
    print()
    print_target_heading()
    print_target("a list of very many", "peak memory, MiB", HUGE_MOST, largest)


def fewest_descriptors(host, words):
    """Returns the smallest limit of descriptors with which a program succeeds.
    """
    command = 'ulimit -n "$1"; shift; exec "$@"'
    expected = host.output(PLAIN, words)
    for limit in range(4, 64):
        done = subprocess.run(
            [host.measure, host.root, "show", "/bin/sh", "-c", command, "sh",
             str(limit), PLAIN, *words.split()], stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
        if done.returncode == 0 and done.stdout == expected:
            return limit
    raise Differ(f"'{words}' needs more than 64 descriptors")


def measure_all(base, programs, scale, rounds, only):
    forest = trees_of(scale)
    works = [work for work in works_of(forest, rounds)
             if only in work.name and
             (programs.mdevsim or work.tree != SIMULATED)]
    results = []
    hosts = {}
    for work in works:
        if work.tree not in hosts:
            hosts[work.tree] = Host(forest[work.tree], base, programs)
        print(f"# {work.name}", file=sys.stderr, flush=True)
        results.append(run_work(work, hosts[work.tree], programs))
    print_measured(results)
    if not only:
        print()
        print_targets(results)


def in_name_space(base):
    """Runs this script again, with mounts that other processes do not see."""
    inside = [sys.executable, __file__, *sys.argv[1:], "--base", base]
    unshare = ["unshare", "-m", "--propagation", "private"]
    probe = 'mount --bind /usr "$1" && mount -t proc proc "$1"'
    try:
        subprocess.run([*unshare, "sh", "-c", probe, "sh", base], check=True)
    except (OSError, subprocess.CalledProcessError):
        print("This needs root and a mount namespace of its own.")
        return SKIPPED
    return subprocess.run([*unshare, *inside], check=False).returncode


def parse_options():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", type=pathlib.Path, required=True,
                        help="the build directory whose mdevctl is measured")
    parser.add_argument("--measure", type=pathlib.Path, required=True)
    parser.add_argument("--floor", type=pathlib.Path, required=True)
    parser.add_argument("--mdevsim", type=pathlib.Path,
                        help="a simulated kernel for one measurement")
    parser.add_argument("--peer", type=pathlib.Path,
                        help="an mdevctl 1.x")
    parser.add_argument("--fetch", type=pathlib.Path, metavar="DIRECTORY",
                        help="fetch an mdevctl 1.x into this directory")
    parser.add_argument("--quick", action="store_true",
                        help="small trees, one round: a test of this script")
    parser.add_argument("--huge", action="store_true",
                        help="memory and descriptors of 100,000 definitions")
    parser.add_argument("--rounds", type=int, default=21)
    parser.add_argument("--only", default="",
                        help="only measurements with this in their names, "
                        "no targets")
    parser.add_argument("--base", type=pathlib.Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    options.build = options.build.resolve()
    options.measure = options.measure.resolve()
    options.peer = options.peer and options.peer.resolve()
    options.mdevsim = options.mdevsim and options.mdevsim.resolve()
    return options


def main():
    options = parse_options()
    if not options.base:
        with tempfile.TemporaryDirectory(prefix="mdevctl-bench-") as base:
            return in_name_space(base)
    if options.fetch:
        options.peer = fetched_peer(options.fetch)
    try:
        if options.huge or options.quick:
            huge(options.base, options, 1000 if options.quick else 100000)
            print()
        if options.huge:
            return 0
        rounds = 1 if options.quick else options.rounds
        print_host(rounds, options)
        print()
        measure_all(options.base, options, 10 if options.quick else 1000,
                    rounds, options.only)
        if not options.only and not options.quick:
            print_sizes(options.build)
    except Differ as error:
        print(f"{error}.", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
