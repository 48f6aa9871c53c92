package cql2

import (
	"math"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// ParseText reads a filter in CQL2 text.
func ParseText(text string) (Expr, error) {
	if err := tooLong(len(text)); err != nil {
		return nil, err
	}
	if !utf8.ValidString(text) || strings.ContainsRune(text, 0) {
		return nil, fault("", "is not UTF-8, or holds a zero character")
	}
	p := &parser{lexer: lexer{text: text}}
	if err := p.advance(); err != nil {
		return nil, err
	}
	e, err := p.expression()
	if err != nil {
		return nil, err
	}
	if p.token.kind != tokenEnd {
		return nil, p.unexpected("the end, AND or OR")
	}
	return e, p.bounds.check(e)
}

// parser reads by recursive descent, one token ahead and never back. Boolean and other expressions have one
// grammar, as parentheses do not tell which follows; Check tells them apart.
type parser struct {
	lexer
	token
	bounds
}

// bounds counts what is bounded.
type bounds struct{ depth, nodes int }

func (b *bounds) enter(at Place) error {
	if b.depth++; b.depth > MaxDepth {
		return fault(at, "is nested deeper than %d", MaxDepth)
	}
	return nil
}

func (b *bounds) leave() { b.depth-- }

// node counts a node.
func (b *bounds) node(at Place) error {
	if b.nodes++; b.nodes > MaxNodes {
		return fault(at, "has more than %d parts", MaxNodes)
	}
	return nil
}

// check bounds the depth of a tree that was made by chains of operators.
func (b *bounds) check(e Expr) error {
	call, ok := e.(*Call)
	if !ok {
		return nil
	}
	if err := b.enter(call.Place); err != nil {
		return err
	}
	defer b.leave()
	for _, argument := range call.Args {
		if err := b.check(argument); err != nil {
			return err
		}
	}
	return nil
}

func (p *parser) advance() (err error) {
	p.token, err = p.lexer.next()
	return err
}

func (p *parser) unexpected(wanted string) error {
	if p.token.kind == tokenEnd {
		return fault(p.token.at, "the filter ends where %s is expected", wanted)
	}
	return fault(p.token.at, "%q is not expected here, but %s", clip(p.token.text), wanted)
}

// is tells whether the token is a keyword or a symbol.
func (p *parser) is(text string) bool {
	switch p.token.kind {
	case tokenWord:
		return lower(p.token.text) == text
	case tokenSymbol:
		return p.token.text == text
	}
	return false
}

// take goes past the token if it is the given one.
func (p *parser) take(text string) (bool, error) {
	if !p.is(text) {
		return false, nil
	}
	return true, p.advance()
}

func (p *parser) expect(text string) error {
	taken, err := p.take(text)
	if err == nil && !taken {
		err = p.unexpected("\"" + text + "\"")
	}
	return err
}

func (p *parser) call(at Place, op Op, args ...Expr) (Expr, error) {
	return &Call{op, args, at}, p.node(at)
}

func (p *parser) expression() (Expr, error) {
	if err := p.enter(p.token.at); err != nil {
		return nil, err
	}
	defer p.leave()
	return p.chain(Or, func() (Expr, error) { return p.chain(And, p.negation) })
}

// chain reads operands joined by AND or OR into one call.
func (p *parser) chain(op Op, operand func() (Expr, error)) (Expr, error) {
	at := p.token.at
	first, err := operand()
	if err != nil || !p.is(string(op)) {
		return first, err
	}
	list := []Expr{first}
	for {
		taken, err := p.take(string(op))
		if err != nil {
			return nil, err
		}
		if !taken {
			return p.call(at, op, list...)
		}
		next, err := operand()
		if err != nil {
			return nil, err
		}
		list = append(list, next)
	}
}

func (p *parser) negation() (Expr, error) {
	at := p.token.at
	taken, err := p.take("not")
	if err != nil || !taken {
		if err != nil {
			return nil, err
		}
		return p.comparison()
	}
	if err := p.enter(at); err != nil {
		return nil, err
	}
	defer p.leave()
	inner, err := p.negation()
	if err != nil {
		return nil, err
	}
	return p.call(at, Not, inner)
}

func (p *parser) comparison() (Expr, error) {
	at := p.token.at
	left, err := p.sum()
	if err != nil {
		return nil, err
	}
	if p.token.kind == tokenSymbol && Op(p.token.text).Family() == Comparison {
		op := Op(p.token.text)
		if err := p.advance(); err != nil {
			return nil, err
		}
		right, err := p.sum()
		if err != nil {
			return nil, err
		}
		return p.call(at, op, left, right)
	}
	if taken, err := p.take("is"); taken || err != nil {
		return p.isNull(at, left, err)
	}
	negated, err := p.take("not")
	if err != nil {
		return nil, err
	}
	e, err := p.wordly(at, left)
	switch {
	case err != nil:
		return nil, err
	case e == nil && negated:
		return nil, p.unexpected("LIKE, BETWEEN or IN")
	case e == nil:
		return left, nil
	case negated:
		return p.call(at, Not, e)
	}
	return e, nil
}

func (p *parser) isNull(at Place, left Expr, err error) (Expr, error) {
	if err != nil {
		return nil, err
	}
	negated, err := p.take("not")
	if err != nil {
		return nil, err
	}
	if err := p.expect("null"); err != nil {
		return nil, err
	}
	e, err := p.call(at, IsNull, left)
	if err == nil && negated {
		e, err = p.call(at, Not, e)
	}
	return e, err
}

// wordly reads what follows the left side of LIKE, BETWEEN and IN; nil if none of them does.
func (p *parser) wordly(at Place, left Expr) (Expr, error) {
	for _, word := range []struct {
		text string
		rest func(Place, Expr) (Expr, error)
	}{{"like", p.like}, {"between", p.between}, {"in", p.in}} {
		if taken, err := p.take(word.text); err != nil {
			return nil, err
		} else if taken {
			return word.rest(at, left)
		}
	}
	return nil, nil
}

func (p *parser) like(at Place, left Expr) (Expr, error) {
	pattern, err := p.sum()
	if err != nil {
		return nil, err
	}
	return p.call(at, Like, left, pattern)
}

func (p *parser) between(at Place, left Expr) (Expr, error) {
	low, err := p.sum()
	if err != nil {
		return nil, err
	}
	if err := p.expect("and"); err != nil {
		return nil, err
	}
	high, err := p.sum()
	if err != nil {
		return nil, err
	}
	return p.call(at, Between, left, low, high)
}

func (p *parser) in(at Place, left Expr) (Expr, error) {
	if !p.is("(") {
		return nil, p.unexpected("a list in parentheses")
	}
	list, err := p.list()
	if err != nil {
		return nil, err
	}
	return p.call(at, In, left, list)
}

// list reads a list in parentheses or brackets, whose opening is the token.
func (p *parser) list() (Expr, error) {
	at := p.token.at
	closing := ")"
	if p.token.text == "[" {
		closing = "]"
	}
	if err := p.advance(); err != nil {
		return nil, err
	}
	list := &List{Items: []Expr{}, Place: at}
	if taken, err := p.take(closing); taken || err != nil {
		return list, err
	}
	for {
		item, err := p.expression()
		if err != nil {
			return nil, err
		}
		list.Items = append(list.Items, item)
		if taken, err := p.take(","); err != nil {
			return nil, err
		} else if !taken {
			break
		}
	}
	if err := p.expect(closing); err != nil {
		return nil, err
	}
	return list, p.node(at)
}

func (p *parser) sum() (Expr, error) { return p.leftward(p.product, Add, Subtract) }

func (p *parser) product() (Expr, error) {
	return p.leftward(p.power, Multiply, Divide, Modulo, IntDivide)
}

// leftward reads operands joined by operators that go with the left side first.
func (p *parser) leftward(operand func() (Expr, error), ops ...Op) (Expr, error) {
	at := p.token.at
	left, err := operand()
	for err == nil {
		var op Op
		for _, candidate := range ops {
			if p.is(string(candidate)) {
				op = candidate
			}
		}
		if op == "" {
			return left, nil
		}
		if err := p.advance(); err != nil {
			return nil, err
		}
		var right Expr
		if right, err = operand(); err == nil {
			left, err = p.call(at, op, left, right)
		}
	}
	return nil, err
}

// power goes with the right side first.
func (p *parser) power() (Expr, error) {
	at := p.token.at
	base, err := p.factor()
	if err != nil {
		return nil, err
	}
	taken, err := p.take("^")
	if err != nil || !taken {
		return base, err
	}
	if err := p.enter(at); err != nil {
		return nil, err
	}
	defer p.leave()
	exponent, err := p.power()
	if err != nil {
		return nil, err
	}
	return p.call(at, Power, base, exponent)
}

func (p *parser) factor() (Expr, error) {
	t := p.token
	if err := p.node(t.at); err != nil {
		return nil, err
	}
	switch {
	case p.is("-"), p.is("+"), t.kind == tokenNumber:
		x, err := p.number()
		return &Number{x, t.at}, err
	case p.is("("):
		return p.parenthesis()
	case p.is("["):
		return p.list()
	case t.kind == tokenText:
		return p.literal(&Text{t.text, t.at}, checkLiteral(t.at, t.text))
	case t.kind == tokenQuoted:
		return p.literal(&Property{t.text, t.at}, checkName(t.at, t.text))
	case t.kind == tokenWord:
		return p.word()
	}
	return nil, p.unexpected("a property or a value")
}

func (p *parser) literal(e Expr, err error) (Expr, error) {
	if err != nil {
		return nil, err
	}
	return e, p.advance()
}

// checkLiteral refuses what CQL2 text cannot tell apart: a quote after a backslash is an escaped one.
func checkLiteral(at Place, text string) error {
	switch {
	case strings.Contains(text, `\'`) || strings.HasSuffix(text, `\`):
		return fault(at, "holds a backslash before a quote or at its end, which no text may")
	case strings.ContainsRune(text, 0):
		return fault(at, "holds a zero character")
	}
	return nil
}

func checkName(at Place, name string) error {
	bad := func(r rune) bool { return r == '"' || unicode.IsControl(r) }
	switch {
	case name == "":
		return fault(at, "the name of a property is empty")
	case len(name) > maxName:
		return fault(at, "the name of a property is longer than %d bytes", maxName)
	case strings.ContainsFunc(name, bad):
		return fault(at, "the name of a property holds a quote or a control character")
	}
	return nil
}

// number reads a number with or without a sign.
func (p *parser) number() (float64, error) {
	at, sign := p.token.at, ""
	if p.is("-") || p.is("+") {
		sign = p.token.text
		if err := p.advance(); err != nil {
			return 0, err
		}
	}
	if p.token.kind != tokenNumber {
		return 0, p.unexpected("a number")
	}
	x, err := finite(at, sign+p.token.text)
	if err != nil {
		return 0, err
	}
	return x, p.advance()
}

func finite(at Place, text string) (float64, error) {
	x, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsInf(x, 0) || math.IsNaN(x) {
		return 0, fault(at, "the number %s is out of range", clip(text))
	}
	return x + 0, nil
}

func (p *parser) parenthesis() (Expr, error) {
	if err := p.advance(); err != nil {
		return nil, err
	}
	e, err := p.expression()
	if err != nil {
		return nil, err
	}
	return e, p.expect(")")
}

func (p *parser) word() (Expr, error) {
	t, name := p.token, lower(p.token.text)
	if name == "true" || name == "false" {
		return p.literal(&Bool{name == "true", t.at}, nil)
	}
	if words[name] {
		return nil, p.unexpected("a property or a value")
	}
	if err := p.advance(); err != nil {
		return nil, err
	}
	op, isFunction := functions[name]
	switch {
	case isFunction && p.is("("):
		return p.function(t.at, op)
	case name == "date" && p.is("("), name == "timestamp" && p.is("("):
		return p.instant(t.at, name == "date")
	case name == "interval" && p.is("("):
		return p.interval(t.at)
	case isGeometryWord(name) && (p.is("(") || p.is("z")):
		return p.shape(t.at, name)
	case p.is("("):
		return nil, fault(t.at, "there is no function %s", clip(t.text))
	}
	return &Property{t.text, t.at}, checkName(t.at, t.text)
}

func (p *parser) function(at Place, op Op) (Expr, error) {
	if err := p.expect("("); err != nil {
		return nil, err
	}
	var args []Expr
	for i := range signatures[op].most {
		if i > 0 {
			if err := p.expect(","); err != nil {
				return nil, err
			}
		}
		argument, err := p.argument(op)
		if err != nil {
			return nil, err
		}
		args = append(args, argument)
	}
	return &Call{op, args, at}, p.expect(")")
}

// argument reads an argument of a function. A list of one is told from a parenthesis by the function.
func (p *parser) argument(op Op) (Expr, error) {
	if op.Family() == Array && p.is("(") {
		return p.list()
	}
	return p.expression()
}

// quotedText reads a text in parentheses or between commas.
func (p *parser) quotedText() (string, Place, error) {
	t := p.token
	if t.kind != tokenText {
		return "", "", p.unexpected("a text in quotes")
	}
	return t.text, t.at, p.advance()
}

func (p *parser) instant(at Place, day bool) (Expr, error) {
	if err := p.expect("("); err != nil {
		return nil, err
	}
	text, textAt, err := p.quotedText()
	if err != nil {
		return nil, err
	}
	instant, err := parseInstant(textAt, text)
	if err != nil {
		return nil, err
	}
	if instant.Day != day {
		return nil, fault(textAt, "%s", instantHelp(day))
	}
	instant.Place = at
	return instant, p.expect(")")
}

func instantHelp(day bool) string {
	if day {
		return "is not a day such as 2026-02-17"
	}
	return "is not a time such as 2026-02-17T12:30:00Z"
}

// parseInstant reads a day or a time, to the microsecond.
func parseInstant(at Place, text string) (*Instant, error) {
	if day, err := time.Parse(time.DateOnly, text); err == nil && day.Year() > 0 {
		return &Instant{day, true, at}, nil
	}
	instant, err := time.Parse(time.RFC3339Nano, text)
	if err != nil || instant.UTC().Year() < 1 || instant.UTC().Year() > 9999 {
		return nil, fault(at, "is neither a day such as 2026-02-17 nor a time such as 2026-02-17T12:30:00Z")
	}
	return &Instant{instant.UTC().Truncate(time.Microsecond), false, at}, nil
}

func (p *parser) interval(at Place) (Expr, error) {
	if err := p.expect("("); err != nil {
		return nil, err
	}
	start, err := p.intervalEnd()
	if err != nil {
		return nil, err
	}
	if err := p.expect(","); err != nil {
		return nil, err
	}
	end, err := p.intervalEnd()
	if err != nil {
		return nil, err
	}
	if err := checkInterval(at, start, end); err != nil {
		return nil, err
	}
	return &Interval{start, end, at}, p.expect(")")
}

func (p *parser) intervalEnd() (Expr, error) {
	t := p.token
	if err := p.node(t.at); err != nil {
		return nil, err
	}
	if t.kind == tokenText {
		end, err := intervalText(t.at, t.text)
		return p.literal(end, err)
	}
	if t.kind == tokenQuoted || t.kind == tokenWord && !words[lower(t.text)] {
		return p.literal(&Property{t.text, t.at}, checkName(t.at, t.text))
	}
	return nil, p.unexpected("a day, a time, '..' or a property")
}

// intervalText reads an end of an interval; nil for an open one.
func intervalText(at Place, text string) (Expr, error) {
	if text == ".." {
		return nil, nil
	}
	instant, err := parseInstant(at, text)
	if err != nil {
		return nil, err
	}
	return instant, nil
}

func checkInterval(at Place, start, end Expr) error {
	first, ok := start.(*Instant)
	last, also := end.(*Instant)
	if ok && also && last.Time.Before(first.Time) {
		return fault(at, "the interval ends before it begins")
	}
	return nil
}
