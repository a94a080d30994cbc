"""Where co_await may stand.

g++ 12 destroys temporaries once too often when co_await stands inside ?:, braces or argument lists, or has a ?: in its own
arguments, without a warning.
So it is allowed in three places only: as a whole statement, as the whole right side of `x = co_await ...;`, and as
`co_return co_await f();`. A coroutine lambda must not have captures: they die with the lambda object, before the
coroutine does.
"""

from cpp_tokens import tokenize

OPENING, CLOSING = {"(": ")", "[": "]", "{": "}"}, {")", "]", "}"}
# What may stand between the parameters of a function or lambda and its body.
AFTER_PARAMETERS = {")", "mutable", "noexcept", "const", "override", "final", "constexpr"}
BEFORE_BLOCK = {None, ";", "{", "}", "else", "do", "try", ":"} | AFTER_PARAMETERS
TYPE_KEYWORDS = {"struct", "class", "namespace", "enum", "union", "extern"}


def opens_block(tokens, index):
    """Whether the `{` at index starts statements (a body), not a list of values."""
    before = tokens[index - 1].text if index else None
    if before in BEFORE_BLOCK:
        return True
    # A return type (`-> awaitable<void> {`) or the name of a type being defined (`struct x : y<z> {`).
    position, depth = index - 1, 0
    while position >= 0:
        text = tokens[position].text
        if text in (")", "]", "}"):
            depth += 1
        elif text in ("(", "[", "{"):
            if depth == 0:
                return False
            depth -= 1
        elif depth == 0:
            if text == ";":
                return False
            if text == "->" and position and tokens[position - 1].text in AFTER_PARAMETERS:
                return all(token.kind in ("word", "number") or token.text in ("::", "<", ">", ",", "*", "&", "(", ")")
                           for token in tokens[position + 1:index])
            if text in TYPE_KEYWORDS:
                return True
        position -= 1
    return False


def lambda_captures(tokens, index):
    """For a `[` at index that starts a lambda: its capture tokens, else None."""
    before = tokens[index - 1] if index else None
    if before and (before.kind in ("word", "number", "string") and before.text not in ("return", "co_return", "co_await")
                   or before.text in (")", "]", "[")):
        return None  # a subscript or an attribute
    end, depth = index + 1, 0
    while end < len(tokens):
        if tokens[end].text in OPENING:
            depth += 1
        elif tokens[end].text in CLOSING:
            if depth == 0:
                break
            depth -= 1
        end += 1
    if end + 1 >= len(tokens) or tokens[end + 1].text not in ("(", "{", "<", "mutable", "->"):
        return None
    return tokens[index + 1:end]


def check(source):
    """Yields (line, what is wrong)."""
    tokens = tokenize(source)
    stack = []          # (bracket, is a block, captures of the lambda whose body it is)
    captures = None     # of a lambda whose body has not begun
    captures_depth = 0
    for index, token in enumerate(tokens):
        text = token.text
        if text == "[":
            found = lambda_captures(tokens, index)
            if found is not None:
                captures, captures_depth = found, len(stack)
        if token.kind == "operator" and text in OPENING:
            is_lambda_body = text == "{" and captures is not None and len(stack) == captures_depth
            is_block = is_lambda_body or text == "{" and opens_block(tokens, index)
            body_of = None
            if is_lambda_body:
                body_of, captures = captures, None
            stack.append((text, is_block, body_of))
        elif token.kind == "operator" and text in CLOSING:
            if stack:
                stack.pop()
        elif text in ("co_await", "co_return", "co_yield"):
            for _, _, body_of in reversed(stack):
                if body_of is None:
                    continue
                if body_of:
                    yield token.line, "a coroutine lambda has captures; pass parameters instead"
                break
        if text != "co_await":
            continue
        bracket, is_block, _ = stack[-1] if stack else (None, True, None)
        if bracket == "(" and [later.text for later in tokens[index + 1:index + 5]] == ["asio", "::", "this_coro", "::"]:
            continue  # answers at once and makes no temporary
        if bracket in ("(", "["):
            yield token.line, "co_await inside parentheses (an argument, a condition or a group)"
            continue
        if not is_block:
            yield token.line, "co_await inside braces that are not a block (an aggregate or initializer list)"
            continue
        before = tokens[index - 1].text if index else None
        if before not in (";", "{", "}", ")", "else", "do", "=", "co_return") and not is_label(tokens, index):
            yield token.line, f"co_await after `{before}`: make it a statement of its own"
            continue
        depth = 0
        for later in tokens[index + 1:]:
            if later.text in OPENING:
                depth += 1
            elif later.text in CLOSING:
                depth -= 1
            elif later.text == "?" and not inside_block(tokens, index, later):
                yield token.line, "co_await in an expression with ?:"
                break
            if depth < 0 or (depth == 0 and later.text == ";"):
                break


def inside_block(tokens, start, wanted):
    """Whether a token of the expression that starts at `start` is in the body of a lambda."""
    blocks = []
    for position in range(start, len(tokens)):
        token = tokens[position]
        if token is wanted:
            return any(blocks)
        if token.text in OPENING:
            before = tokens[position - 1].text
            blocks.append(token.text == "{" and (before == "]" or opens_block(tokens, position)))
        elif token.text in CLOSING and blocks:
            blocks.pop()
    return False


def is_label(tokens, index):
    """Whether the `:` before index ends `case x:`, `default:` or a label, not the first half of ?:."""
    if tokens[index - 1].text != ":":
        return False
    position = index - 2
    while position >= 0 and tokens[position].text not in (";", "{", "}"):
        if tokens[position].text == "?":
            return False
        if tokens[position].text in ("case", "default"):
            return True
        position -= 1
    return True


GOOD = {
    "statement": "void f() { co_await g(); }",
    "declaration": "void f() { auto x = co_await g(1, h(2)); }",
    "assignment": "void f() { x = co_await g(); }",
    "return": "void f() { co_return co_await g(); }",
    "discarded": "void f() { (void)co_await g(); }",
    "if body": "void f() { if (a) co_await g(); else co_await h(); }",
    "case": "void f() { switch (x) { case 1: co_await g(); break; default: co_await h(); } }",
    "case with scope": "void f() { switch (x) { case A::b: co_await g(); } }",
    "loop": "void f() { for (;;) { auto x = co_await g(); if (!x) break; } }",
    "range loop body": "void f() { for (auto& x : list) co_await g(x); }",
    "aggregate argument without await": "void f() { co_await g(P{1, 2}); }",
    "lambda body": "void f() { run([](int a) -> asio::awaitable<void> { co_await g(a); }); }",
    "lambda body, nested template": "void f() { run([](A& a) -> asio::awaitable<Result<std::map<int, B>>> { co_await a.g(); }, x); }",
    "mutable lambda": "void f() { run([](int a) mutable { co_await g(a); }); }",
    "capturing lambda that is no coroutine": "void f() { run([&] { g(); }); co_await h(); }",
    "capturing lambda without parameters, then a coroutine body": "auto f = [this] { go(); }; void g() { { co_await h(); } co_return 1; }",
    "coroutine lambda inside a capturing one": "void f() { run([&] { go([](int a) -> T { co_await g(a); }, x); }); }",
    "ternary elsewhere": "void f() { auto a = b ? c : d; co_await g(a); }",
    "ternary in a lambda that is an argument": "void f() { co_await g([](int a) { return a ? 1 : 2; }); }",
    "in a comment": "void f() { /* (co_await x) */ g(); // {co_await y}\n }",
    "in a string": 'void f() { g("(co_await x)", R"(f(co_await y))"); }',
    "in a macro definition": "#define X(a) g(co_await a)\nvoid f() {}",
    "own executor as an argument": "void f() { Timer timer(co_await asio::this_coro::executor); }",
    "try": "void f() { try { co_await g(); } catch (const E& e) { h(); } }",
    "digit separators": "void f() { g(1'000'000); co_await h('a'); }",
    "member function": "struct A final : B<C> { asio::awaitable<void> f() const override { co_await g(); } };",
}
BAD = {
    "ternary arm": "void f() { auto r = b ? co_await x() : co_await y(); }",
    "ternary condition": "void f() { auto r = co_await x() ? 1 : 2; }",
    "ternary in an argument": "void f() { auto a = co_await g(b ? \"\" : c); }",
    "second arm only": "void f() { auto r = b ? A::x() : co_await y(); }",
    "aggregate": "void f() { g(P{co_await x(), 1}); }",
    "aggregate declaration": "void f() { P p{co_await x(), 1}; }",
    "designated": "void f() { P p = {.a = co_await x()}; }",
    "template type braces": "void f() { auto p = Pair<int, int>{co_await x(), 2}; }",
    "initializer list argument": "void f() { g({a, co_await x()}); }",
    "argument": "void f() { g(co_await x()); }",
    "if condition": "void f() { if (co_await x()) g(); }",
    "if initializer": "void f() { if (auto r = co_await x(); !r) g(); }",
    "while condition": "void f() { while (co_await x()) g(); }",
    "range": "void f() { for (auto& a : co_await x()) g(a); }",
    "group": "void f() { (co_await x()).go(); }",
    "negated": "void f() { auto a = !co_await x(); }",
    "right operand": "void f() { auto a = b && co_await x(); }",
    "returned braces": "T f() { co_return T{co_await x()}; }",
    "own executor in an aggregate": "void f() { g(P{co_await asio::this_coro::executor}); }",
    "subscript": "void f() { a[co_await x()] = 1; }",
    "dereferenced": "void f() { auto a = *co_await x(); }",
    "capturing coroutine lambda": "void f() { run([&]() -> asio::awaitable<void> { co_await g(); }); }",
    "capturing coroutine lambda without parameters": "void f() { run([this] { co_await g(); }); }",
    "capturing coroutine lambda, only co_return": "void f() { run([this](int a) -> asio::awaitable<int> { co_return a; }); }",
}
