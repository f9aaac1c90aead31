// SPDX-License-Identifier: LGPL-2.1-or-later
// Changes the store directly, without callout scripts, as an installer might.
#include <mdev/config_store.hpp>
#include <mdev/error.hpp>

#include <cstdio>

namespace {

void mark_all_automatic(const mdev::ConfigStore& store)
{
    // Excludes other writers, but not readers, until the end of the scope.
    const mdev::StoreLock lock = store.lock();
    for (auto& definition : store.all()) {
        definition.set_start(mdev::StartMode::automatic);
        store.save(definition, lock);
    }
}

}

int main(int argc, char** argv)
try {
    const mdev::ConfigStore store(mdev::Environment(argc > 1 ? argv[1] : "/"));
    const auto uuid =
        mdev::Uuid::parse("83b8f4f2-509f-382f-3c1e-e6bfe0fa1001").value();

    store.add(mdev::Definition(uuid, "mtty", "mtty-1"), store.lock());
    mark_all_automatic(store);
    if (const auto found = store.find(uuid, "mtty"))
        std::printf("%s\n", found->to_json().c_str());
    std::printf("%zu on mtty, %zu of that UUID, in %s\n",
        store.of_parent("mtty").size(), store.of_uuid(uuid).size(),
        store.path(uuid, "mtty").filename().c_str());
    std::printf("%s\n", mdev::to_json(store.all()).substr(0, 1).c_str());
    std::printf(
        "%s\n", store.erase(uuid, "mtty", store.lock()) ? "removed" : "?");
} catch (const mdev::Error& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
}
