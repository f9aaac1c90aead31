// SPDX-License-Identifier: LGPL-2.1-or-later
#include "catch.hpp"
#include "child.hpp"
#include "error_of.hpp"
#include "fake_kernel.hpp"
#include "restraint.hpp"
#include "samples.hpp"

#include <mdev/config_store.hpp>

#include <cerrno>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>

namespace mdev::test {

namespace fs = std::filesystem;

namespace {

using Names = std::vector<std::string>;

// A UUID with letters, so that letter case matters.
constexpr const char* lower = "abcdef00-0000-4000-8000-0000000000ff";
constexpr const char* upper = "ABCDEF00-0000-4000-8000-0000000000FF";

const Uuid& lettered()
{
    static const auto uuid = *Uuid::parse(lower);
    return uuid;
}

std::string name(std::uint8_t number)
{
    return sample_uuid(number).string();
}

/// Returns "PARENT NUMBER" of each definition. NUMBER is the last byte of the
/// UUID.
Names brief(const std::vector<Definition>& definitions)
{
    Names texts;
    for (const auto& definition : definitions)
        texts.push_back(definition.parent() + " " +
            std::to_string(definition.uuid().bytes().back()));
    return texts;
}

Names warnings(const FakeKernel& kernel)
{
    return kernel.log().texts(LogLevel::warning);
}

/// A system with definitions, and its store.
struct Stored {
    FakeKernel kernel;
    ConfigStore store{kernel.env()};

    void define(const std::string& parent, const std::string& file)
    {
        kernel.define(parent, file, sample_text());
    }
    fs::path path(const std::string& parent, const std::string& file = {}) const
    {
        return file.empty() ? kernel.root() / "etc/mdevctl.d" / parent
                            : kernel.definition_path(parent, file);
    }
    std::string text(const std::string& parent, const std::string& file) const
    {
        return file_content(path(parent, file));
    }
};

Definition lettered_definition()
{
    return {lettered(), "mtty", "mtty-2"};
}

}

TEST_CASE("a system without a store has no definitions", "[config_store]")
{
    const Stored system;

    CHECK(system.store.all().empty());
    CHECK(system.store.of_parent("mtty").empty());
    CHECK(system.store.of_uuid(sample_uuid(1)).empty());
    CHECK(system.store.parents_of(sample_uuid(1)).empty());
    CHECK_FALSE(system.store.find(sample_uuid(1), "mtty"));
    CHECK(names_in(system.kernel.root()).empty());
}

TEST_CASE("definitions are sorted by parent and UUID", "[config_store]")
{
    Stored system;
    system.define("mtty", name(2));
    system.define("mtty", name(1));
    system.define("Mtty", name(3));
    system.define("mdpy", name(9));

    CHECK(brief(system.store.all()) ==
        Names{"Mtty 3", "mdpy 9", "mtty 1", "mtty 2"});
}

TEST_CASE("a definition has the contents of its file", "[config_store]")
{
    Stored system;
    system.kernel.define("mtty", name(1),
        R"({"mdev_type":"mtty-2","start":"auto","attrs":[{"a":"1"}]})");

    const auto definition = system.store.find(sample_uuid(1), "mtty");

    REQUIRE(definition);
    CHECK(definition->uuid() == sample_uuid(1));
    CHECK(definition->parent() == "mtty");
    CHECK(definition->type_id() == "mtty-2");
    CHECK(definition->start() == StartMode::automatic);
    CHECK(definition->attributes().size() == 1);
}

TEST_CASE("the definitions of one parent are sorted by UUID", "[config_store]")
{
    Stored system;
    system.define("mtty", name(2));
    system.define("mtty", name(1));
    system.define("mdpy", name(3));

    CHECK(brief(system.store.of_parent("mtty")) == Names{"mtty 1", "mtty 2"});
}

TEST_CASE("the definitions of one UUID are sorted by parent", "[config_store]")
{
    Stored system;
    system.define("mtty", name(1));
    system.define("mdpy", name(1));
    system.define("mdpy", name(2));

    CHECK(brief(system.store.of_uuid(sample_uuid(1))) ==
        Names{"mdpy 1", "mtty 1"});
}

TEST_CASE("any spelling of a UUID names a definition", "[config_store]")
{
    Stored system;
    const std::string file = GENERATE(as<std::string>(), upper,
        "ABCDEF00-0000-4000-8000-0000000000ff",
        "abcdef0000004000800000000000"
        "00ff",
        "{abcdef00-0000-4000-8000-0000000000ff}",
        "urn:uuid:abcdef00-0000-4000-8000-0000000000ff");
    system.define("mtty", file);

    CHECK(brief(system.store.all()) == Names{"mtty 255"});
    CHECK(brief(system.store.of_uuid(lettered())) == Names{"mtty 255"});
    CHECK(system.store.find(lettered(), "mtty"));
    CHECK(system.store.parents_of(lettered()) == Names{"mtty"});
    CHECK(warnings(system.kernel).empty());
}

TEST_CASE("of two files for one UUID, the file in the kernel's spelling counts",
    "[config_store]")
{
    Stored system;
    system.kernel.define("mtty", upper, sample_text("mtty-1"));
    system.kernel.define("mtty", lower, sample_text("mtty-2"));

    const auto all = system.store.all();

    REQUIRE(all.size() == 1);
    CHECK(all[0].type_id() == "mtty-2");
    CHECK(system.store.find(lettered(), "mtty")->type_id() == "mtty-2");
    REQUIRE(warnings(system.kernel).size() == 1);
    CHECK_THAT(warnings(system.kernel)[0],
        starts_with(system.path("mtty", upper).string() + " is ignored"));
}

TEST_CASE("a definition may be a link", "[config_store]")
{
    Stored system;
    put_file(system.kernel.root() / "nix/store/a", sample_text("mtty-2"));
    put_link(system.path("mtty", name(1)), "../../../nix/store/a");
    put_link(
        system.path("mtty", name(2)), system.kernel.root() / "nix/store/a");

    CHECK(brief(system.store.all()) == Names{"mtty 1", "mtty 2"});
    CHECK(system.store.find(sample_uuid(1), "mtty")->type_id() == "mtty-2");
}

TEST_CASE("a parent's directory may be a link", "[config_store]")
{
    Stored system;
    put_file(system.kernel.root() / "nix/store" / name(1), sample_text());
    put_link(system.path("mtty"), "../../nix/store");

    CHECK(brief(system.store.all()) == Names{"mtty 1"});
    CHECK(brief(system.store.of_parent("mtty")) == Names{"mtty 1"});
    CHECK(system.store.find(sample_uuid(1), "mtty"));
    CHECK(system.store.parents_of(sample_uuid(1)) == Names{"mtty"});
}

TEST_CASE("a dangling link does not affect other definitions", "[config_store]")
{
    Stored system;
    put_link(system.path("mtty", name(1)), "nowhere");
    system.define("mtty", name(2));

    CHECK(brief(system.store.all()) == Names{"mtty 2"});
    REQUIRE(warnings(system.kernel).size() == 1);
    CHECK_THAT(warnings(system.kernel)[0],
        contains(system.path("mtty", name(1)).string()));
}

TEST_CASE("asking for a definition that is a dangling link is an error",
    "[config_store]")
{
    const Stored system;
    const auto path = system.path("mtty", name(1));
    put_link(path, "nowhere");

    const auto error =
        error_of([&] { system.store.find(sample_uuid(1), "mtty"); });

    CHECK(error.cause().value() == ENOENT);
    CHECK(error.subject() == path.string());
}

TEST_CASE(
    "a dangling link in the place of a parent is ignored", "[config_store]")
{
    Stored system;
    put_link(system.path("mdpy"), "nowhere");
    system.define("mtty", name(1));

    CHECK(brief(system.store.all()) == Names{"mtty 1"});
    CHECK(system.store.of_parent("mdpy").empty());
    CHECK(warnings(system.kernel).empty());
}

TEST_CASE("hidden files are ignored", "[config_store]")
{
    Stored system;
    system.define("mtty", ".mdevctl-new");
    system.define("mtty", "." + name(1));
    system.define(".hidden", name(2));
    put_file(system.path(".lock"));

    CHECK(system.store.all().empty());
    CHECK(system.store.parents_of(sample_uuid(2)).empty());
    CHECK(warnings(system.kernel).empty());
}

TEST_CASE("the directory of the scripts is not a parent", "[config_store]")
{
    Stored system;
    put_file(system.path("scripts.d", "callouts") / "x.sh");
    system.define("scripts.d", name(1));

    CHECK(system.store.all().empty());
    CHECK(system.store.parents_of(sample_uuid(1)).empty());
    CHECK(warnings(system.kernel).empty());
}

TEST_CASE(
    "files beside the directories of the parents are ignored", "[config_store]")
{
    Stored system;
    put_file(system.path("README"), "read me");
    system.define("mtty", name(1));

    CHECK(brief(system.store.all()) == Names{"mtty 1"});
    CHECK(warnings(system.kernel).empty());
}

TEST_CASE("a file whose name is not a UUID causes a warning", "[config_store]")
{
    Stored system;
    system.define("mtty", name(1));
    system.define("mtty", name(1) + ".bak");

    CHECK(brief(system.store.all()) == Names{"mtty 1"});
    CHECK(warnings(system.kernel) ==
        Names{system.path("mtty", name(1) + ".bak").string() +
            " is ignored: its name is not a UUID"});
}

TEST_CASE(
    "a broken definition does not affect other definitions", "[config_store]")
{
    Stored system;
    system.define("mtty", name(1));
    system.kernel.define("mtty", name(2), "{");
    system.define("mtty", name(3));

    CHECK(brief(system.store.all()) == Names{"mtty 1", "mtty 3"});
    REQUIRE(warnings(system.kernel).size() == 1);
    CHECK_THAT(warnings(system.kernel)[0],
        starts_with("Invalid definition " +
            system.path("mtty", name(2)).string() + ": line 1, column "));
}

TEST_CASE("asking for a broken definition is an error", "[config_store]")
{
    Stored system;
    system.kernel.define("mtty", name(1), "{}");

    const auto error =
        error_of([&] { system.store.find(sample_uuid(1), "mtty"); });

    CHECK(error.code() == Errc::invalid_definition);
    CHECK(error.subject() == system.path("mtty", name(1)).string());
}

TEST_CASE("the parents of a UUID include the parents of broken definitions",
    "[config_store]")
{
    Stored system;
    system.kernel.define("mtty", name(1), "{");
    system.define("mdpy", name(1));
    put_link(system.path("mbochs", name(1)), "nowhere");

    CHECK(system.store.parents_of(sample_uuid(1)) ==
        Names{"mbochs", "mdpy", "mtty"});
}

TEST_CASE("a broken definition of a UUID is left out", "[config_store]")
{
    Stored system;
    system.kernel.define("mdpy", name(1), "{");
    system.define("mtty", name(1));

    CHECK(brief(system.store.of_uuid(sample_uuid(1))) == Names{"mtty 1"});
    CHECK(warnings(system.kernel).size() == 1);
}

TEST_CASE("an entry that is not a file is not a definition", "[config_store]")
{
    Stored system;
    fs::create_directories(system.path("mtty", name(1)));
    REQUIRE(mkfifo(system.path("mtty", name(2)).c_str(), 0600) == 0);
    put_link(system.path("mtty", name(3)), name(3));
    system.define("mtty", name(4));

    CHECK(brief(system.store.all()) == Names{"mtty 4"});
    CHECK(warnings(system.kernel).size() == 3);
}

TEST_CASE("an unreadable definition does not affect other definitions",
    "[config_store]")
{
    Stored system;
    system.define("mtty", name(1));
    system.define("mtty", name(2));
    fs::permissions(system.path("mtty", name(1)), fs::perms::none);
    const Unprivileged nobody;

    CHECK(brief(system.store.all()) == Names{"mtty 2"});
    REQUIRE(warnings(system.kernel).size() == 1);
    CHECK_THAT(warnings(system.kernel)[0],
        contains(system.path("mtty", name(1)).string()));
    CHECK_THAT(warnings(system.kernel)[0], contains("Permission denied"));
}

TEST_CASE("an unreadable directory of a parent does not affect other parents",
    "[config_store]")
{
    Stored system;
    system.define("mdpy", name(1));
    system.define("mtty", name(1));
    fs::permissions(system.path("mdpy"), fs::perms::none);
    const Unprivileged nobody;

    CHECK(brief(system.store.all()) == Names{"mtty 1"});
    CHECK(brief(system.store.of_uuid(sample_uuid(1))) == Names{"mtty 1"});
    CHECK(system.store.parents_of(sample_uuid(1)) == Names{"mtty"});
    REQUIRE(warnings(system.kernel).size() == 3);
    CHECK_THAT(
        warnings(system.kernel)[0], contains(system.path("mdpy").string()));
}

TEST_CASE(
    "a definition that loses an attribute causes a warning", "[config_store]")
{
    Stored system;
    system.define("mtty", name(1));
    const auto path = system.path("mtty") / name(1);
    if (setxattr(path.c_str(), "user.note", "mine", 4, 0) != 0)
        return skip("this file system has no attributes");

    const auto outcome =
        outcome_without({{SYS_fsetxattr}}, ENOSPC, [&]() -> std::string {
            system.store.save(sample_definition(1), system.store.lock());
            return warnings(system.kernel).at(0);
        });

    if (outcome == cannot_forbid)
        return skip(outcome);
    CHECK_THAT(outcome, contains("Cannot keep the attribute user.note of"));
}

TEST_CASE("asking for the definitions of an unreadable directory is an error",
    "[config_store]")
{
    Stored system;
    system.define("mdpy", name(1));
    fs::permissions(system.path("mdpy"), fs::perms::none);
    const Unprivileged nobody;

    CHECK_THROWS_AS(system.store.of_parent("mdpy"), Error);
    CHECK_THROWS_AS(system.store.find(sample_uuid(1), "mdpy"), Error);
}

TEST_CASE("a store that cannot be read is an error", "[config_store]")
{
    const Stored system;
    put_link(system.kernel.root() / "etc/mdevctl.d", "mdevctl.d");

    const auto error = error_of([&] { system.store.all(); });

    CHECK(error.cause().value() == ELOOP);
    CHECK_THROWS_AS(system.store.parents_of(sample_uuid(1)), Error);
}

TEST_CASE("a definition larger than 1 MiB is left out", "[config_store]")
{
    Stored system;
    system.kernel.define("mtty", name(1),
        sample_text() + std::string(std::size_t(1024) * 1024, '\n'));

    CHECK(system.store.all().empty());
    CHECK(warnings(system.kernel).size() == 1);
}

TEST_CASE("definitions that disappear while they are read are skipped",
    "[config_store]")
{
    FakeKernel kernel;
    kernel.define("mdpy", name(1), "{");
    kernel.define("mdpy", name(2), sample_text());
    kernel.define("mtty", name(3), sample_text());
    Names heard;
    // The other definitions are removed during the warning about the first one.
    const auto env =
        kernel.env().with_log([&](LogLevel, std::string_view text) {
            heard.emplace_back(text);
            fs::remove(kernel.definition_path("mdpy", name(2)));
            fs::remove_all(kernel.root() / "etc/mdevctl.d/mtty");
        });

    const auto all = ConfigStore(env).all();

    CHECK(all.empty());
    CHECK(heard.size() == 1);
}

TEST_CASE(
    "an unknown start mode counts as manual, with a warning", "[config_store]")
{
    Stored system;
    system.kernel.define("mtty", name(1), sample_text("mtty-1", "boot"));

    const auto all = system.store.all();

    REQUIRE(all.size() == 1);
    CHECK(all[0].start() == StartMode::manual);
    REQUIRE(warnings(system.kernel).size() == 1);
    CHECK_THAT(warnings(system.kernel)[0],
        contains(system.path("mtty", name(1)).string()));
}

TEST_CASE("a parent outside of the store is not looked up", "[config_store]")
{
    const Stored system;
    const std::string parent =
        GENERATE(as<std::string>(), "..", "../x", "a/b", "", "scripts.d");
    const auto uuid = sample_uuid(1);
    const auto held = system.store.lock();

    CHECK(error_of([&] { system.store.of_parent(parent); }).code() ==
        Errc::invalid_name);
    CHECK(error_of([&] { system.store.find(uuid, parent); }).code() ==
        Errc::invalid_name);
    CHECK(error_of([&] { system.store.erase(uuid, parent, held); }).code() ==
        Errc::invalid_name);
    CHECK(error_of([&] { system.store.path(uuid, parent); }).code() ==
        Errc::invalid_name);
}

TEST_CASE(
    "the path of a definition is made of its parent and UUID", "[config_store]")
{
    const Stored system;

    CHECK(system.store.path(sample_uuid(1), "mtty") ==
        system.path("mtty", name(1)));
}

TEST_CASE(
    "an added definition has exactly the expected bytes", "[config_store]")
{
    const Stored system;

    system.store.add(sample_definition(1), system.store.lock());

    CHECK(system.text("mtty", name(1)) == sample_text());
    CHECK(names_in(system.path("mtty")) == Names{name(1)});
}

TEST_CASE("all users may read an added definition", "[config_store]")
{
    const Stored system;
    const auto mask = umask(022);

    system.store.add(sample_definition(1), system.store.lock());

    umask(mask);
    CHECK(mode_of(system.path("mtty", name(1))) == 0644);
    CHECK(mode_of(system.path("mtty")) == 0755);
}

TEST_CASE("a definition is not added twice", "[config_store]")
{
    Stored system;
    system.kernel.define("mtty", name(1), sample_text("mtty-2"));

    const auto error = error_of(
        [&] { system.store.add(sample_definition(1), system.store.lock()); });

    CHECK(error.code() == Errc::already_defined);
    CHECK(error.subject() == name(1));
    CHECK(std::string(error.what()) ==
        "Device " + name(1) + " on mtty is already defined");
    CHECK(system.text("mtty", name(1)) == sample_text("mtty-2"));
}

TEST_CASE("a UUID may be defined under several parents", "[config_store]")
{
    Stored system;
    system.define("mdpy", name(1));

    system.store.add(sample_definition(1), system.store.lock());

    CHECK(system.store.parents_of(sample_uuid(1)) == Names{"mdpy", "mtty"});
}

TEST_CASE("a UUID that is defined in another spelling is already defined",
    "[config_store]")
{
    Stored system;
    system.define("mtty", upper);

    const auto error = error_of(
        [&] { system.store.add(lettered_definition(), system.store.lock()); });

    CHECK(error.code() == Errc::already_defined);
    CHECK(names_in(system.path("mtty")) == Names{upper});
}

TEST_CASE(
    "a UUID with a broken definition is already defined", "[config_store]")
{
    Stored system;
    system.kernel.define("mtty", name(1), "{");
    put_link(system.path("mtty", name(2)), "nowhere");
    const auto held = system.store.lock();

    CHECK(error_of([&] {
        system.store.add(sample_definition(1), held);
    }).code() == Errc::already_defined);
    CHECK(error_of([&] {
        system.store.add(sample_definition(2), held);
    }).code() == Errc::already_defined);
}

TEST_CASE("a definition that cannot be written leaves no directory behind",
    "[config_store]")
{
    const Stored system;
    const auto held = system.store.lock();
    const FileSizeLimit limit(10);

    const auto error =
        error_of([&] { system.store.add(sample_definition(1), held); });

    CHECK(error.cause().value() == EFBIG);
    CHECK(names_in(system.path("")) == Names{".lock"});
}

TEST_CASE("a definition that cannot be written leaves the others unchanged",
    "[config_store]")
{
    Stored system;
    system.define("mtty", name(2));
    const auto held = system.store.lock();
    const FileSizeLimit limit(10);

    CHECK_THROWS_AS(system.store.add(sample_definition(1), held), Error);
    CHECK(names_in(system.path("mtty")) == Names{name(2)});
}

TEST_CASE("a file with the name of a parent's directory is an error",
    "[config_store]")
{
    const Stored system;
    put_file(system.path("mtty"), "x");

    const auto error = error_of(
        [&] { system.store.add(sample_definition(1), system.store.lock()); });

    CHECK(error.cause().value() == ENOTDIR);
    CHECK(file_content(system.path("mtty")) == "x");
}

TEST_CASE("a definition is added below a link to the directory of its parent",
    "[config_store]")
{
    const Stored system;
    fs::create_directories(system.kernel.root() / "elsewhere");
    put_link(system.path("mtty"), "../../elsewhere");

    system.store.add(sample_definition(1), system.store.lock());

    CHECK(names_in(system.kernel.root() / "elsewhere") == Names{name(1)});
    CHECK(fs::is_symlink(system.path("mtty")));
}

TEST_CASE(
    "saving a definition that does not exist creates it", "[config_store]")
{
    const Stored system;

    system.store.save(sample_definition(1), system.store.lock());

    CHECK(system.text("mtty", name(1)) == sample_text());
}

TEST_CASE("a saved definition replaces the old one", "[config_store]")
{
    Stored system;
    system.define("mtty", name(1));
    fs::permissions(system.path("mtty", name(1)), fs::perms(0640));
    auto definition = sample_definition(1);
    definition.set_type_id("mtty-2");

    system.store.save(definition, system.store.lock());

    CHECK(system.text("mtty", name(1)) == sample_text("mtty-2"));
    CHECK(mode_of(system.path("mtty", name(1))) == 0640);
    CHECK(names_in(system.path("mtty")) == Names{name(1)});
}

TEST_CASE("a saved definition replaces a broken one", "[config_store]")
{
    Stored system;
    system.kernel.define("mtty", name(1), "{");

    system.store.save(sample_definition(1), system.store.lock());

    CHECK(system.text("mtty", name(1)) == sample_text());
}

TEST_CASE("a saved definition keeps the spelling of its file", "[config_store]")
{
    Stored system;
    system.define("mtty", upper);

    system.store.save(lettered_definition(), system.store.lock());

    CHECK(names_in(system.path("mtty")) == Names{upper});
    CHECK(system.text("mtty", upper) == sample_text("mtty-2"));
}

TEST_CASE(
    "saving replaces a link and leaves its target unchanged", "[config_store]")
{
    const Stored system;
    put_file(system.kernel.root() / "nix/store/a", sample_text("mtty-2"));
    put_link(system.path("mtty", name(1)), "../../../nix/store/a");

    system.store.save(sample_definition(1), system.store.lock());

    CHECK_FALSE(fs::is_symlink(system.path("mtty", name(1))));
    CHECK(system.text("mtty", name(1)) == sample_text());
    CHECK(file_content(system.kernel.root() / "nix/store/a") ==
        sample_text("mtty-2"));
}

TEST_CASE(
    "a definition that cannot be saved leaves the old one", "[config_store]")
{
    Stored system;
    system.define("mtty", name(1));
    const auto held = system.store.lock();
    const FileSizeLimit limit(10);

    CHECK_THROWS_AS(system.store.save(sample_definition(1), held), Error);
    CHECK(system.text("mtty", name(1)) == sample_text());
    CHECK(names_in(system.path("mtty")) == Names{name(1)});
}

TEST_CASE("the directory of a parent is removed with its last definition",
    "[config_store]")
{
    Stored system;
    system.define("mtty", name(1));
    const auto held = system.store.lock();

    const bool erased = system.store.erase(sample_uuid(1), "mtty", held);

    CHECK(erased);
    CHECK_FALSE(fs::exists(system.path("mtty")));
}

TEST_CASE(
    "the parent's directory stays for other definitions", "[config_store]")
{
    Stored system;
    system.define("mtty", name(1));
    system.define("mtty", name(2));

    system.store.erase(sample_uuid(1), "mtty", system.store.lock());

    CHECK(names_in(system.path("mtty")) == Names{name(2)});
}

TEST_CASE("erasing a missing definition does nothing", "[config_store]")
{
    Stored system;
    system.define("mtty", name(2));
    const auto held = system.store.lock();

    CHECK_FALSE(system.store.erase(sample_uuid(1), "mtty", held));
    CHECK_FALSE(system.store.erase(sample_uuid(1), "mdpy", held));
    CHECK(names_in(system.path("mtty")) == Names{name(2)});
}

TEST_CASE("every spelling of a UUID is erased", "[config_store]")
{
    Stored system;
    system.define("mtty", upper);
    system.define("mtty", lower);
    const auto held = system.store.lock();

    CHECK(system.store.erase(lettered(), "mtty", held));
    CHECK_FALSE(fs::exists(system.path("mtty")));
}

TEST_CASE("broken definitions can be erased", "[config_store]")
{
    Stored system;
    system.kernel.define("mtty", name(1), "{");
    put_link(system.path("mtty", name(2)), "nowhere");
    const auto held = system.store.lock();

    CHECK(system.store.erase(sample_uuid(1), "mtty", held));
    CHECK(system.store.erase(sample_uuid(2), "mtty", held));
}

TEST_CASE(
    "erasing removes the temporary file of a killed writer", "[config_store]")
{
    Stored system;
    system.define("mtty", name(1));
    system.define("mtty", ".mdevctl-new");

    system.store.erase(sample_uuid(1), "mtty", system.store.lock());

    CHECK_FALSE(fs::exists(system.path("mtty")));
}

TEST_CASE("erasing a link leaves its target unchanged", "[config_store]")
{
    const Stored system;
    put_file(system.kernel.root() / "nix/store/a", sample_text());
    put_link(system.path("mtty", name(1)), "../../../nix/store/a");

    system.store.erase(sample_uuid(1), "mtty", system.store.lock());

    CHECK_FALSE(fs::exists(system.path("mtty")));
    CHECK(fs::exists(system.kernel.root() / "nix/store/a"));
}

TEST_CASE("erasing leaves a link to a parent's directory", "[config_store]")
{
    const Stored system;
    put_file(system.kernel.root() / "elsewhere" / name(1), sample_text());
    put_link(system.path("mtty"), "../../elsewhere");

    system.store.erase(sample_uuid(1), "mtty", system.store.lock());

    CHECK(fs::is_symlink(system.path("mtty")));
    CHECK(names_in(system.kernel.root() / "elsewhere").empty());
}

TEST_CASE("erasing from a missing store does nothing", "[config_store]")
{
    const Stored system;
    const auto held = system.store.lock();
    fs::remove_all(system.kernel.root() / "etc");

    CHECK_FALSE(system.store.erase(sample_uuid(1), "mtty", held));
}

TEST_CASE("locking creates the store", "[config_store]")
{
    const Stored system;

    system.store.lock();

    CHECK(names_in(system.path("")) == Names{".lock"});
}

TEST_CASE("the lock is not a definition", "[config_store]")
{
    const Stored system;
    const auto held = system.store.lock();

    CHECK(system.store.all().empty());
    CHECK(warnings(system.kernel).empty());
}

TEST_CASE("copies of a store are one store", "[config_store]")
{
    const Stored system;
    const auto copy = system.store;

    copy.add(sample_definition(1), system.store.lock());

    CHECK(system.store.find(sample_uuid(1), "mtty"));
}

TEST_CASE(
    "a definition too large to be read again is not written", "[config_store]")
{
    Stored system;
    system.define("mtty", name(1));
    const auto held = system.store.lock();
    auto definition = sample_definition(1);
    // 800 kB of UTF-8. The escaped text is three times as long.
    std::string text;
    for (int i = 0; i < 400000; ++i)
        text += "\xc3\xa9";
    definition.append_attribute("a", text);
    auto other = sample_definition(2);
    other.set_attributes(definition.attributes());

    const auto saved = error_of([&] { system.store.save(definition, held); });
    const auto added = error_of([&] { system.store.add(other, held); });

    CHECK(saved.code() == Errc::invalid_definition);
    CHECK(std::string(saved.what()) ==
        "The definition of device " + name(1) +
            " on mtty is too large: its file would have 2400092 bytes, and the "
            "limit is 1048576");
    CHECK(added.code() == Errc::invalid_definition);
    CHECK(system.text("mtty", name(1)) == sample_text());
    CHECK(names_in(system.path("mtty")) == Names{name(1)});
}

TEST_CASE("a definition of 1 MiB is written and read again", "[config_store]")
{
    const Stored system;
    auto definition = sample_definition(1);
    constexpr std::size_t limit = std::size_t(1024) * 1024;
    definition.append_attribute("a", "");
    const auto around = definition.to_json().size();
    definition.set_attributes({{"a", std::string(limit - around, 'x')}});

    system.store.add(definition, system.store.lock());

    CHECK(system.text("mtty", name(1)).size() == limit);
    CHECK(system.store.find(sample_uuid(1), "mtty"));
    definition.set_attributes({{"a", std::string(limit - around + 1, 'x')}});
    CHECK_THROWS_AS(system.store.save(definition, system.store.lock()), Error);
}

TEST_CASE("a lock of another store is refused", "[config_store]")
{
    Stored system;
    const Stored other;
    system.define("mtty", name(1));
    const auto held = other.store.lock();

    const auto saved =
        error_of([&] { system.store.save(sample_definition(1), held); });
    const auto added =
        error_of([&] { system.store.add(sample_definition(2), held); });
    const auto erased =
        error_of([&] { system.store.erase(sample_uuid(1), "mtty", held); });

    for (const auto& error : {saved, added, erased}) {
        CHECK(error.code().value() == EINVAL);
        CHECK(error.subject() ==
            (system.kernel.root() / "etc/mdevctl.d").string());
    }
    CHECK(names_in(system.path("mtty")) == Names{name(1)});
}

TEST_CASE("the same store may have another path", "[config_store]")
{
    Stored system;
    system.define("mtty", name(1));
    const auto link = system.kernel.root() / "link";
    put_link(link, ".");
    const ConfigStore same{Environment(link)};

    CHECK(system.store.erase(sample_uuid(1), "mtty", same.lock()));
}

TEST_CASE("no file is written under a lock that was removed", "[config_store]")
{
    Stored system;
    system.define("mtty", name(1));
    const auto held = system.store.lock();
    fs::remove(system.path("", ".lock"));
    auto definition = sample_definition(1);
    definition.set_type_id("mtty-2");

    const auto error = error_of([&] { system.store.save(definition, held); });

    CHECK(error.code().value() == ESTALE);
    CHECK_THAT(
        error.what(), contains(".lock was removed while this command held it"));
    CHECK(system.text("mtty", name(1)) == sample_text());
}

}
