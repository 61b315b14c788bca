/* SPDX-License-Identifier: MIT */
#include "lib/test.h"

#include "text/hunk.h"

/* A letter a line: h(ead), a(dded), r(emoved), '.' for the rest. */
static void expect(const char *diff, const char *kinds)
{
    static const char letters[] = {[HUNK_TEXT] = '.', [HUNK_HEAD] = 'h', [HUNK_ADDED] = 'a', [HUNK_REMOVED] = 'r'};
    struct hunk h = {0};
    struct str rest = str_of(diff), line;
    char got[64] = "";
    for (size_t n = 0; str_line(&rest, &line) && n + 1 < sizeof(got); n++)
        got[n] = letters[hunk_line(&h, line)];
    assert_string_equal(got, kinds);
}

static void test_lines(void **state)
{
    (void)state;
    expect("", "");
    expect("diff --git a/x b/x\nindex 1..2\n--- a/x\n+++ b/x\n@@ -1,2 +1,2 @@ int f(void)\n a\n-b\n+c\n", "..hhh.ra");
    expect("--- a\n+++ b\n@@ -1 +0,0 @@\n--- x\n--- c\n+++ d\n@@ -0,0 +1 @@\n+++ y\n", "hhhrhhha");
    expect("@@ -1,3 +1,3 @@\n\n--- x\n+++ y\n\n--- c\n", "h.ra.h"); /* empty lines without their blank */
    expect("@@ -1 +1 @@\n--- x\n\\ No newline at end of file\n+++ y\n\\ No newline at end of file\n--- c\n", "hr.a.h");
}

/* Numbers that are wrong or none at all. */
static void test_numbers(void **state)
{
    (void)state;
    expect("@@ -1,9 +1,9 @@\n-x\ndiff --git a/y b/y\n--- a/y\n", "hr.h");
    expect("@@ -1 +1 @@\n-x\n-y\n+z\n+w\n", "hrraa");
    expect("@@\n--- x\n+++ y\n@@ so it goes on @@\n--- z\n*** end\n--- c\n", "hrahr.h");
    expect("@@ -1,-4 +1 @@\n--- x\n", "hr");
    expect("@@ -1,99999999999999999999 +1 @@\n--- x\n", "hr");
    expect("@@ - + @@\n--- x\n@@ -\n--- x\n@@ -1 +\n+++ x\n", "hrhrha");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_lines), cmocka_unit_test(test_numbers)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
