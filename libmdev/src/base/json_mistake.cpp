// SPDX-License-Identifier: LGPL-2.1-or-later
#include "json_mistake.hpp"

#include <algorithm>

namespace mdev::json {

// Boost.JSON says where it stopped, and for nearly all mistakes only "syntax
// error". A person who has written a definition by hand wants to know what
// should be there. This scanner runs only after an error, and decides nothing:
// if it finds no mistake, the message has the words of Boost.

namespace {

class Scanner {
public:
    explicit Scanner(std::string_view text) : text_(text) {}

    void document()
    {
        value();
        skip_blanks();
        if (at_ < text_.size())
            refuse("the end of the text");
    }

    std::optional<Mistake> mistake;

private:
    void object()
    {
        ++at_;
        if (is_next('}'))
            return take();
        for (;;) {
            skip_blanks();
            if (next() != '"')
                return refuse("a key in double quotes");
            string();
            if (!is_next(':'))
                return refuse("':' behind the key");
            take();
            value();
            if (is_next('}'))
                return take();
            if (!is_next(','))
                return refuse("',' or '}'");
            take();
        }
    }

    void array()
    {
        ++at_;
        if (is_next(']'))
            return take();
        for (;;) {
            value();
            if (is_next(']'))
                return take();
            if (!is_next(','))
                return refuse("',' or ']'");
            take();
        }
    }

    void value()
    {
        skip_blanks();
        constexpr std::string_view number = "+-.0123456789Ee";
        const char first = next();
        if (first == '{' || first == '[')
            return nested(first);
        if (first == '"')
            return string();
        for (const std::string_view word : {"true", "false", "null"})
            if (text_.substr(at_, word.size()) == word) {
                at_ += word.size();
                return;
            }
        if (first != '-' && (first < '0' || first > '9'))
            return refuse(expected_value(first));
        while (at_ < text_.size() && number.find(next()) != number.npos)
            ++at_;
    }

    const char* expected_value(char found) const
    {
        // Every text that is read here is an object or an array.
        if (depth_ == 0)
            return "'{' or '['";
        return std::string_view("}],").find(found) != std::string_view::npos ||
                at_ >= text_.size()
            ? "a value"
            : "a value; a string needs double quotes";
    }

    void nested(char first)
    {
        constexpr int deepest = 64;
        if (depth_ == deepest)
            return stop();
        ++depth_;
        first == '{' ? object() : array();
        --depth_;
    }

    /// Only the escape of a quote matters here; Boost checks all escapes.
    void string()
    {
        for (++at_; next() != '"'; ++at_) {
            if (at_ >= text_.size() || next() == '\n')
                return refuse("'\"' at the end of the string");
            if (next() == '\\')
                ++at_;
        }
        ++at_;
    }

    void skip_blanks()
    {
        at_ = std::min(text_.find_first_not_of(" \t\r\n", at_), text_.size());
    }
    char next() const { return at_ < text_.size() ? text_[at_] : '\0'; }
    bool is_next(char c)
    {
        skip_blanks();
        return !is_stopped_ && next() == c;
    }
    void take() { ++at_; }

    void stop()
    {
        is_stopped_ = true;
        at_ = text_.size();
    }
    /// Only the first mistake counts; nothing is expected after it.
    void refuse(const std::string& expected)
    {
        if (!is_stopped_)
            mistake = Mistake{std::min(at_, text_.size()),
                "expected " + expected +
                    (at_ < text_.size() ? "" : ", not the end of the text")};
        stop();
    }

    std::string_view text_;
    std::size_t at_ = 0;
    int depth_ = 0;
    bool is_stopped_ = false;
};

}

std::optional<Mistake> find_mistake(std::string_view text)
{
    Scanner scanner(text);
    scanner.document();
    return scanner.mistake;
}

}
