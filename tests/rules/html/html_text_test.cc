#define BOOST_TEST_DYN_LINK
#include "rules/html/html_text.h"

#include <boost/test/unit_test.hpp>

#include "tests/rules/html/html_support.h"
#include "tests/rules/rules_support.h"

using namespace postern;

namespace {
std::string text_of(std::string_view html) { return html_of(html).text; }
}  // namespace

BOOST_AUTO_TEST_SUITE(html_text)

BOOST_AUTO_TEST_CASE(tags_go_and_words_stay_whole) {
  BOOST_TEST(text_of("V<b>ia</b>g<!-- x -->ra now") == "Viagra now");
  BOOST_TEST(text_of("a\n\n  b\t<b>c</b>") == "a b c");
}

BOOST_AUTO_TEST_CASE(block_elements_part_the_text_and_take_the_blanks_beside_them) {
  BOOST_TEST(text_of("a <br> b<br>") == "a\nb\n");
  BOOST_TEST(text_of("<p>a</p> <p>b</p>") == "\n\na\n\n\n\nb\n\n");
  BOOST_TEST(text_of("<td>a</td><td>b</td>") == " a  b ");
}

BOOST_AUTO_TEST_CASE(empty_tags_and_no_break_spaces_are_made_plain_before_reading) {
  BOOST_TEST(text_of("a<br/>b<br />c<hr&nbsp;/>d&nbsp;e<x y/>") == "a\nb\nc\n\nd e");
  BOOST_TEST(links_of("<a href=\xE2\x80\x9Dhttp://a.example/\xE2\x80\x9C>") ==
             "[a:http://a.example/]");
}

BOOST_AUTO_TEST_CASE(script_and_style_vanish_and_title_stays) {
  BOOST_TEST(text_of("<title>T</title><style>x{}</style>a<script>if (1 < 2) b()</script>c") ==
             "\n\nT\n\nac");
  const auto html = html_of("a<script>never closed");
  BOOST_TEST(html.text == "a");
  BOOST_TEST(html.strings("script")->at(0) == "never closed");
}

BOOST_AUTO_TEST_CASE(strings_are_kept_for_comments_titles_and_anchors) {
  const auto html =
      html_of("<title>a&amp;b</title><!-- c --><a href=x>d<b>e</b><img></a>f<a>g</a>");
  BOOST_TEST(html.strings("title")->at(0) == "a&b");
  BOOST_TEST(html.strings("comment")->at(0) == "<!-- c -->");
  BOOST_TEST(html.strings("anchor")->at(0) == "de<img>\n");
  BOOST_TEST(html.strings("anchor")->at(1) == "g");
  BOOST_TEST(html.strings("script") == nullptr);
}

BOOST_AUTO_TEST_CASE(text_in_the_colour_of_its_background_is_invisible) {
  const auto html = html_of("a <font color=\"#FFFFFE\">b</font> c<font color=gray>d</font>");
  BOOST_TEST(html.text == "a b cd");
  BOOST_TEST(html.visible_text == "a  cd");
  BOOST_TEST(html.invisible_text == "b");
  BOOST_TEST(html.value("font_low_contrast").value_or(0) == 1);
  BOOST_TEST(!html_of("<font color=white> </font>").value("font_low_contrast").has_value());
}

BOOST_AUTO_TEST_CASE(style_sheets_hide_text) {
  for (const std::string_view style :
       {"display:none", "visibility: hidden", "color:#fff", "color: rgb(255,255,255) !important",
        "background:black", "background: url(a b.png) no-repeat, #000", "color:transparent",
        "background-color:rgba(0,0,0,1)", "color:nosuch", "color: "}) {
    const auto html = html_of("<span style='" + std::string(style) + "'>a</span>");
    BOOST_TEST(html.invisible_text == "a", style);
  }
  for (const std::string_view style :
       {"Display:none", "color:inherit", "color:red", "border-color:#fff", "color:rgb(300,0,0)",
        "background:none", "background-color:transparent", "display:block"}) {
    const auto html = html_of("<span style='" + std::string(style) + "'>a</span>");
    BOOST_TEST(html.visible_text == "a", style);
  }
}

BOOST_AUTO_TEST_CASE(small_text_is_invisible_and_sizes_are_remembered) {
  const auto html = html_of("<font size=1>a</font><font size=+4>b</font><big>c</big>");
  BOOST_TEST(html.invisible_text == "a");
  BOOST_TEST(html.value("min_size").value_or(0) == 1);
  BOOST_TEST(html.value("max_size").value_or(0) == 7);
}

BOOST_AUTO_TEST_CASE(a_cell_closes_the_one_before_it) {
  BOOST_TEST(html_of("<table><tr><td style='display:none'>a<td>b").visible_text == "  b");
}

BOOST_AUTO_TEST_CASE(a_style_sheet_that_kills_spamassassin_ends_the_part) {
  const auto html = html_of("a<!--x--><div style='background: ;'>b</div><a href=http://c/>d</a>");
  BOOST_TEST(html.text == "a");
  BOOST_TEST(html.uris.empty());
  BOOST_TEST(html.strings("comment") == nullptr);
  BOOST_TEST(html.value("html").has_value());
  BOOST_TEST(!html.value("length").has_value());
}

BOOST_AUTO_TEST_CASE(tags_are_counted_open_and_never_below_zero) {
  const auto html = html_of("<b><B></i></i><center><o:p></o:p><!doctype html>");
  BOOST_TEST(html.inside("b").value_or(-1) == 2);
  BOOST_TEST(html.inside("i").value_or(-1) == 0);
  BOOST_TEST(html.inside("!doctype").value_or(-1) == 0);
  BOOST_TEST(!html.inside("u").has_value());
  BOOST_TEST(html.value("closed_extra_ratio").value_or(0) == 0.25);
}

BOOST_AUTO_TEST_CASE(made_up_tags_are_told_from_elements) {
  const auto html = html_of("<b></b><zz></zz><zz></zz><o:p>");
  BOOST_TEST(html.value("bad_tag_ratio").value_or(0) == 4.0 / 7);
  BOOST_TEST(html.value("non_element_ratio").value_or(0) == 1.0 / 3);
}

BOOST_AUTO_TEST_CASE(words_that_tags_cut_are_counted) {
  const auto html = html_of("Vi<b>ag</b>ra, <i>no</i> cut");
  BOOST_TEST(html.value("obfuscation_ratio").value_or(0) == 0.5);
  BOOST_TEST(html.value("backhair_count").value_or(0) == 1);
  BOOST_TEST(html_of("\xC3\xA9<b>\xC3\xA9").value("backhair_count").value_or(0) == 1);
  BOOST_TEST(!html_of("a\xC2\xA0<b>b").value("obfuscation_ratio").has_value());
}

BOOST_AUTO_TEST_CASE(images_have_an_area) {
  BOOST_TEST(html_of("<img width=10 height=20><img width=50% height=10%>")
                 .value("image_area")
                 .value_or(0) == 200 + 400 * 60);
  BOOST_TEST(html_of("<img width=x height=0><img width=5>").value("image_area").value_or(0) ==
             40000);
}

BOOST_AUTO_TEST_CASE(forms_objects_and_odd_fonts_are_noted) {
  const auto html = html_of("<form action='MailTo:a@b'><embed><font face='x'>");
  for (const auto* name : {"form_action_mailto", "embeds", "font_face_bad"})
    BOOST_TEST(html.value(name).value_or(0) == 1, name);
  for (const std::string_view face : {"Arial", "'Times New Roman', serif", ".SFUIDisplay",
                                      "hirakakupro-w3", " a,\"Verdana\";", "Arial,Helvetica"})
    BOOST_TEST(
        !html_of("<font face=\"" + std::string(face) + "\">").value("font_face_bad").has_value() ==
            !face.contains('"'),
        face);
}

BOOST_AUTO_TEST_CASE(ascii_is_read_as_octets_until_a_wide_character_comes) {
  const HtmlText octets("caf&eacute;&#133;", false, 17);
  BOOST_TEST(octets.text == "caf\xC3\xA9\xC2\x85");
  BOOST_TEST(!octets.unicode);
  BOOST_TEST(octets.value("non_space_len").value_or(0) == 5);
  const HtmlText wide("caf&eacute;&#133;&euro;", false, 23);
  BOOST_TEST(wide.unicode);
  BOOST_TEST(wide.value("non_space_len").value_or(0) == 5);
  BOOST_TEST(wide.value("html_length").value_or(0) == 6);
}

BOOST_AUTO_TEST_CASE(lengths_are_counted_in_characters) {
  const auto html = html_of("\xC3\xA9 <b>\xE2\x82\xAC</b>");
  BOOST_TEST(html.value("length").value_or(0) == 10);
  BOOST_TEST(html.value("html_length").value_or(0) == 3);
  BOOST_TEST(html.value("ratio").value_or(0) == 10.0 / 13);
}

BOOST_AUTO_TEST_CASE(hostile_markup_costs_no_square) {
  for (const std::string_view piece :
       {"&#", "&", "<pre>", "<font>", "<font></span>", "<td><font>", "<x1>", "<a href=x>", "<a />",
        "&ampx", "<base href=http://a/>", "<p style='color:a;;;;'>", "a<b>", "\xE2\x80\x9C"}) {
    std::string html;
    while (html.size() < 1'000'000) html += piece;
    BOOST_TEST(is_quick([&html] { return html_of(html); }), piece);
  }
}

BOOST_AUTO_TEST_SUITE_END()
