// SPDX-License-Identifier: LGPL-2.1-or-later
#include "node.hpp"

#include <algorithm>
#include <ctime>

namespace mdevsim {

namespace {

std::vector<const Node*> chain(const Node& node)
{
    std::vector<const Node*> nodes;
    for (const Node* at = &node; at->parent(); at = at->parent())
        nodes.push_back(at);
    std::reverse(nodes.begin(), nodes.end());
    return nodes;
}

std::string relative(const Node& from, const Node& to)
{
    auto here = chain(from);
    auto there = chain(to);
    // The directory that contains both the link and its target; a target above
    // the link is named also.
    auto [h, t] = std::mismatch(
        here.begin(), here.end(), there.begin(), std::prev(there.end()));
    std::string path;
    for (; h != here.end(); ++h)
        path += "../";
    for (; t != there.end(); ++t)
        path += (*t)->name() + "/";
    path.pop_back();
    return path;
}

// The order is stable but arbitrary, so no client can depend on it, like in
// sysfs.
std::uint64_t shuffled(const Node& node)
{
    std::uint64_t hash = 14695981039346656037U;
    for (char c : node.name())
        hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211U;
    return hash;
}

}

Node::Node(Kind kind, std::string name, mode_t mode, Numbers numbers)
    : kind_(kind),
      name_(std::move(name)),
      mode_(mode),
      numbers_(std::move(numbers)),
      number_(++*numbers_)
{
    clock_gettime(CLOCK_REALTIME, &born_);
}

NodePtr Node::root()
{
    auto numbers = std::make_shared<std::uint64_t>(0);
    return NodePtr(new Node(Kind::directory, "", 0755, numbers));
}

NodePtr Node::add(Kind kind, const std::string& name, mode_t mode)
{
    NodePtr node(new Node(kind, name, mode, numbers_));
    node->parent_ = this;
    children_[name] = node;
    if (kind == Kind::directory)
        ++subdirectories_;
    return node;
}

NodePtr Node::directory(const std::string& path)
{
    auto slash = path.find('/');
    auto name = path.substr(0, slash);
    auto child = find(name);
    if (!child)
        child = add(Kind::directory, name, 0755);
    if (slash == std::string::npos)
        return child;
    return child->directory(path.substr(slash + 1));
}

NodePtr Node::file(const std::string& name, mode_t mode, Show show, Store store)
{
    auto node = add(Kind::file, name, mode);
    node->show_ = std::move(show);
    node->store_ = std::move(store);
    return node;
}

NodePtr Node::link(const std::string& name, const Node& target)
{
    auto node = add(Kind::link, name, 0777);
    node->target_ = relative(*this, target);
    return node;
}

void Node::erase(const std::string& name)
{
    auto found = children_.find(name);
    if (found == children_.end())
        return;
    if (found->second->kind_ == Kind::directory)
        --subdirectories_;
    found->second->die();
    children_.erase(found);
}

void Node::die()
{
    for (auto& [name, child] : children_)
        child->die();
    children_.clear();
    subdirectories_ = 0;
    last_path_ = path();
    gone_ = true;
    parent_ = nullptr;
}

NodePtr Node::find(const std::string& name) const
{
    auto found = children_.find(name);
    return found == children_.end() ? nullptr : found->second;
}

std::vector<NodePtr> Node::children() const
{
    std::vector<NodePtr> nodes;
    nodes.reserve(children_.size());
    for (const auto& [name, child] : children_)
        nodes.push_back(child);
    std::sort(
        nodes.begin(), nodes.end(), [](const NodePtr& a, const NodePtr& b) {
            return shuffled(*a) < shuffled(*b);
        });
    return nodes;
}

std::string Node::path() const
{
    std::string path = last_path_;
    for (const Node* node : chain(*this))
        path.append(path.empty() ? "" : "/").append(node->name_);
    return path;
}

std::vector<std::string> Node::spellings() const
{
    std::vector<std::string> paths{path()};
    std::string below;
    for (const Node* at = this; at; at = at->parent_) {
        if (!at->alias_.empty())
            paths.push_back(at->alias_ + below);
        below.insert(0, "/" + at->name_);
    }
    return paths;
}

mode_t Node::type_bits() const
{
    switch (kind_) {
    case Kind::directory: return S_IFDIR;
    case Kind::link: return S_IFLNK;
    case Kind::file: break;
    }
    return S_IFREG;
}

struct stat Node::status() const
{
    struct stat status {};
    status.st_ino = number_;
    status.st_mode = type_bits() | mode_;
    status.st_nlink = kind_ == Kind::directory ? 2 + subdirectories_ : 1;
    status.st_size = kind_ == Kind::file ? attribute_size : 0;
    status.st_blksize = attribute_size;
    status.st_atim = status.st_mtim = status.st_ctim = born_;
    return status;
}

void Node::set_mode(mode_t mode)
{
    mode_ = mode & 07777;
}

}
