"""What is an heir of an old line: what stands, was moved, or took its place; what a change has more is new."""

from bench.heirs import Origin, commits, follow

OLD, NEW, PERHAPS = Origin(low=True, high=True), Origin(), Origin(low=False, high=True)
# Line 2 becomes three, line 4 moves to a new file beside a line of its own, line 1 and 3 stand.
PATCHES = """commit 0000000000000000000000000000000000000001

diff --git a/api/one.py b/api/one.py
index 1..2 100644
--- a/api/one.py
+++ b/api/one.py
@@ -2 +2,3 @@
-second = 2
+second = two()
+third = 3
+fourth = 4
@@ -4 +5,0 @@
-moved = True
diff --git a/api/two.py b/api/two.py
new file mode 100644
--- /dev/null
+++ b/api/two.py
@@ -0,0 +1,2 @@
+begun = 1
+    moved = True
commit 0000000000000000000000000000000000000002

diff --git a/api/one.py b/api/kit/one.py
rename from api/one.py
rename to api/kit/one.py
@@ -1 +0,0 @@
-first = 1
"""


def test_a_line_has_one_heir_wherever_it_goes() -> None:
    files = {"api/one.py": [OLD] * 4}
    nothing, first, second = commits(PATCHES)
    assert nothing == []
    follow(files, first)
    assert files == {
        "api/one.py": [OLD, OLD, PERHAPS, PERHAPS, OLD],
        "api/two.py": [NEW, OLD],
    }
    follow(files, second)
    assert files == {
        "api/kit/one.py": [OLD, PERHAPS, PERHAPS, OLD],
        "api/two.py": [NEW, OLD],
    }
