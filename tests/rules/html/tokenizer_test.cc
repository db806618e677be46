#define BOOST_TEST_DYN_LINK
#include "rules/html/tokenizer.h"

#include <boost/test/unit_test.hpp>
#include <string>

#include "tests/rules/rules_support.h"

using namespace postern;

namespace {

/// "text(a) start(b name=value) end(b) comment(<!-->) declaration(<!doctype>)"
std::string tokens_of(std::string_view source) {
  static constexpr std::array<std::string_view, 5> kinds{"text", "start", "end", "comment",
                                                         "declaration"};
  std::string out;
  HtmlTokenizer tokenizer(source);
  for (auto token = tokenizer.next(); token.kind != HtmlToken::Kind::finished;
       token = tokenizer.next()) {
    if (!out.empty()) out += ' ';
    out += kinds[static_cast<std::size_t>(token.kind)];
    out += '(';
    out += token.name.empty() ? token.text : token.name;
    if (token.kind == HtmlToken::Kind::start) {
      for (const auto& attribute : tokenizer.attributes())
        out += " " + std::string(attribute.name) + "=" + std::string(attribute.value);
    }
    out += token.literal ? ")!" : ")";
  }
  return out;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(html_tokenizer)

BOOST_AUTO_TEST_CASE(text_before_a_tag_is_one_piece_and_the_last_word_of_the_source_is_another) {
  BOOST_TEST(tokens_of("one two<b>three four</b>five six seven") ==
             "text(one two) start(b) text(three four) end(b) text(five six) text( seven)");
  BOOST_TEST(tokens_of("<b>word") == "start(b) text(word)");
  BOOST_TEST(tokens_of("<b>word \n") == "start(b) text(word) text( \n)");
}

BOOST_AUTO_TEST_CASE(a_less_than_sign_that_starts_no_tag_begins_a_text) {
  BOOST_TEST(tokens_of("a < b <3 <<i>") == "text(a ) text(< b ) text(<3 ) text(<) start(i)");
}

BOOST_AUTO_TEST_CASE(attributes_come_with_quotes_without_them_and_without_a_value) {
  BOOST_TEST(tokens_of("<a b=\"x > y\" c='z' d=e/f g h = i>") ==
             "start(a b=x > y c=z d=e/f g=g h=i)");
  BOOST_TEST(tokens_of("<a b=>") == "start(a b=)");
  BOOST_TEST(tokens_of("<a b=\"c\"d>") == "start(a b=c d=d)");
  BOOST_TEST(tokens_of("<a =b>") == "start(a =b==b)");
}

BOOST_AUTO_TEST_CASE(a_slash_belongs_to_the_name_of_a_tag) {
  BOOST_TEST(tokens_of("<br/><a/href=x>") == "start(br/) start(a/href=x)");
}

BOOST_AUTO_TEST_CASE(an_end_tag_ends_behind_quotes_that_follow_a_blank) {
  BOOST_TEST(tokens_of("</a b='>' c>x</i>") == "end(a) text(x) end(i)");
  BOOST_TEST(tokens_of("</a'>'>") == "end(a') text('>)");
  BOOST_TEST(tokens_of("</ a></>") == "comment(</ a>) comment(</>)");
}

BOOST_AUTO_TEST_CASE(a_comment_ends_with_two_hyphens_and_perhaps_white_space) {
  BOOST_TEST(tokens_of("<!-- a -- b -- >c<i>") == "comment(<!-- a -- b -- >) text(c) start(i)");
  BOOST_TEST(tokens_of("<!-->a-->") == "comment(<!-->a-->)");
  BOOST_TEST(tokens_of("<!---->") == "comment(<!---->)");
}

BOOST_AUTO_TEST_CASE(a_comment_without_an_end_ends_with_the_next_tag) {
  BOOST_TEST(tokens_of("<!-- a > b <i>") == "comment(<!-- a >) text( b ) start(i)");
  BOOST_TEST(tokens_of("<!-- a") == "comment(<!-- a)");
}

BOOST_AUTO_TEST_CASE(declarations_are_two_and_others_are_comments) {
  BOOST_TEST(tokens_of("<!DOCTYPE html \"a>b\" -- c -->") ==
             "declaration(<!DOCTYPE html \"a>b\" -- c -->)");
  BOOST_TEST(tokens_of("<!element x><!>") == "comment(<!element x>) comment(<!>)");
  BOOST_TEST(tokens_of("<!doctype \"a>b\" -x>y<i>") ==
             "comment(<!doctype \"a>b\" -x>) text(y) start(i)");
}

BOOST_AUTO_TEST_CASE(instructions_are_passed_over) {
  BOOST_TEST(tokens_of("a<?php b ?>c<i>") == "text(a) text(c) start(i)");
}

BOOST_AUTO_TEST_CASE(what_never_ends_is_a_comment) {
  BOOST_TEST(tokens_of("a<b c=\"d>e") == "text(a) comment(<b c=\"d>e)");
  BOOST_TEST(tokens_of("a<") == "text(a) comment(<)");
  BOOST_TEST(tokens_of("a<3") == "text(a) text(<3)");
}

BOOST_AUTO_TEST_CASE(script_and_style_hold_text_up_to_their_own_end) {
  BOOST_TEST(tokens_of("<SCRIPT>if (a<b) '</b>'</script >c<i>") ==
             "start(SCRIPT) text(if (a<b) '</b>')! end(script) text(c) start(i)");
  BOOST_TEST(tokens_of("<style>a<!-- b") == "start(style) text(a<!-- b)! end(style)");
  BOOST_TEST(tokens_of("<script>") == "start(script) end(script)");
}

BOOST_AUTO_TEST_CASE(title_and_textarea_hold_text_in_which_references_are_decoded) {
  BOOST_TEST(tokens_of("<title>a<b>c</title>") == "start(title) text(a<b>c) end(title)");
  BOOST_TEST(tokens_of("<textarea>a<b>c") == "start(textarea) text(a<b>c)");
  BOOST_TEST(tokens_of("<iframe>a<b>c") == "start(iframe) text(a<b>c)!");
}

BOOST_AUTO_TEST_CASE(an_unclosed_title_ends_before_the_first_tag_in_it) {
  BOOST_TEST(tokens_of("<title>a<!--b--><i>c") ==
             "start(title) text(a) comment(<!--b-->) end(title) start(i) text(c)");
  BOOST_TEST(tokens_of("<title>a") == "start(title) text(a) end(title)");
}

BOOST_AUTO_TEST_CASE(behind_markup_without_an_end_an_unclosed_style_is_empty) {
  BOOST_TEST(tokens_of("<!--a><style>&amp;<i>b") ==
             "comment(<!--a>) start(style) end(style)! text(&amp;)! start(i)! text(b)!");
}

BOOST_AUTO_TEST_CASE(plaintext_has_no_end) {
  BOOST_TEST(tokens_of("<plaintext>a</plaintext>b") == "start(plaintext) text(a</plaintext>b)!");
}

BOOST_AUTO_TEST_CASE(marked_sections_are_shown_ignored_or_taken_by_the_letter) {
  BOOST_TEST(tokens_of("a<![CDATA[<b>]]]>c<i>") == "text(a) text(<b>])! text(c) start(i)");
  BOOST_TEST(tokens_of("a<![ignore[<b>x]]>c<i>") == "text(a) text(c) start(i)");
  BOOST_TEST(tokens_of("<![include[a]b<i>]]>c<i>") == "text(a]b) start(i) text() text(c) start(i)");
  BOOST_TEST(tokens_of("<![ -- x -- rcdata [<b>]]>c<i>") == "text(<b>) text(c) start(i)");
}

BOOST_AUTO_TEST_CASE(a_section_of_office_is_a_comment_at_each_end) {
  BOOST_TEST(tokens_of("<![if !mso]>a<![endif]>b<i>") ==
             "comment(<![if !mso]>) text(a) comment(<![endif]>) text(b) start(i)");
}

BOOST_AUTO_TEST_CASE(hostile_markup_costs_no_square) {
  for (const std::string_view piece :
       {"<a b=\"", "<!--", "<!-", "</", "<a ", "<script", "<a b='>", "<![", "<![include[", "]]",
        "--", "<!doctype \"", "<style>", "<title>", "</style", "-- \n"}) {
    std::string html = "<!--";
    while (html.size() < 2'000'000) html += piece;
    BOOST_TEST(is_quick([&html] { tokens_of(std::string_view(html).substr(4)); }), piece);
    BOOST_TEST(is_quick([&html] { tokens_of(html); }), piece);
  }
}

BOOST_AUTO_TEST_SUITE_END()
