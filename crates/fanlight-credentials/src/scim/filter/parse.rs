//! The grammar: `or` binds weakest, then `and`, then `not`. Words have no case.
//!
//! Goes down by recursion into brackets alone, whose depth is counted.

use fanlight_base::limits;
use serde_json::Value;

use super::{Filter, FilterFault, Literal, Operator};
use crate::scim::path::Path;

pub(super) fn read(text: &str) -> Result<Filter, FilterFault> {
    if text.len() > limits::SCIM_FILTER_BYTES {
        return Err(FilterFault::TooLong);
    }
    let mut reader = Reader { text, at: 0, depth: 0, terms: 0 };
    let filter = reader.any()?;
    reader.space();
    if reader.rest().is_empty() { Ok(filter) } else { Err(reader.expected("`and`, `or`, or the end")) }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
    terms: usize,
}

impl<'a> Reader<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn space(&mut self) {
        self.at = self.text.len() - self.rest().trim_start_matches(' ').len();
    }

    fn place(&self) -> usize {
        self.text[..self.at].chars().count()
    }

    fn expected(&self, expected: &'static str) -> FilterFault {
        FilterFault::Expected { at: self.place(), expected }
    }

    /// Takes a sign.
    fn sign(&mut self, sign: char) -> bool {
        self.space();
        let there = self.rest().starts_with(sign);
        if there {
            self.at += sign.len_utf8();
        }
        there
    }

    /// Takes a word, if it is the next one, whole.
    fn word(&mut self, word: &str) -> bool {
        self.space();
        let end = self.rest().find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(self.rest().len());
        let there = self.rest()[..end].eq_ignore_ascii_case(word);
        if there {
            self.at += end;
        }
        there
    }

    fn any(&mut self) -> Result<Filter, FilterFault> {
        let mut all = vec![self.all()?];
        while self.word("or") {
            all.push(self.all()?);
        }
        Ok(one_or(all, Filter::Or))
    }

    fn all(&mut self) -> Result<Filter, FilterFault> {
        let mut all = vec![self.one()?];
        while self.word("and") {
            all.push(self.one()?);
        }
        Ok(one_or(all, Filter::And))
    }

    fn one(&mut self) -> Result<Filter, FilterFault> {
        let before = self.at;
        if self.word("not") {
            if self.sign('(') {
                return Ok(Filter::Not(Box::new(self.within(')')?)));
            }
            // An attribute could have that name.
            self.at = before;
        }
        if self.sign('(') {
            return self.within(')');
        }
        let path = self.path()?;
        if self.rest().starts_with('[') {
            self.at += 1;
            return Ok(Filter::Has(path, Box::new(self.within(']')?)));
        }
        self.terms += 1;
        if self.terms > limits::SCIM_FILTER_TERMS {
            return Err(FilterFault::TooMany);
        }
        if self.word("pr") {
            return Ok(Filter::Present(path));
        }
        let operator = self.operator()?;
        Ok(Filter::Compare(path, operator, self.literal()?))
    }

    fn within(&mut self, end: char) -> Result<Filter, FilterFault> {
        self.depth += 1;
        if self.depth > limits::SCIM_FILTER_DEPTH {
            return Err(FilterFault::TooDeep);
        }
        let filter = self.any()?;
        self.depth -= 1;
        let closed = if end == ')' { "`)`" } else { "`]`" };
        if self.sign(end) { Ok(filter) } else { Err(self.expected(closed)) }
    }

    fn path(&mut self) -> Result<Path, FilterFault> {
        self.space();
        let end = self.rest().find([' ', '[', ']', '(', ')', '"']).unwrap_or(self.rest().len());
        if end == 0 {
            return Err(self.expected("an attribute"));
        }
        let path = Path::read(&self.rest()[..end]);
        let path = path.map_err(|source| FilterFault::Path { at: self.place(), source })?;
        self.at += end;
        Ok(path)
    }

    fn operator(&mut self) -> Result<Operator, FilterFault> {
        let all = [
            ("eq", Operator::Eq),
            ("ne", Operator::Ne),
            ("co", Operator::Co),
            ("sw", Operator::Sw),
            ("ew", Operator::Ew),
            ("gt", Operator::Gt),
            ("ge", Operator::Ge),
            ("lt", Operator::Lt),
            ("le", Operator::Le),
        ];
        let found = all.into_iter().find(|(word, _)| self.word(word));
        found
            .map(|(_, operator)| operator)
            .ok_or_else(|| self.expected("`eq`, `ne`, `co`, `sw`, `ew`, `gt`, `ge`, `lt`, `le` or `pr`"))
    }

    /// A JSON value that is no list and no object.
    fn literal(&mut self) -> Result<Literal, FilterFault> {
        self.space();
        let expected = "a text in quotation marks, a number, `true`, `false` or `null`";
        for (word, literal) in
            [("true", Literal::Boolean(true)), ("false", Literal::Boolean(false)), ("null", Literal::Null)]
        {
            if self.word(word) {
                return Ok(literal);
            }
        }
        let rest = self.rest();
        let end = if rest.starts_with('"') {
            let mut escaped = false;
            let quote = rest.char_indices().skip(1).find(|(_, c)| {
                let ends = *c == '"' && !escaped;
                escaped = *c == '\\' && !escaped;
                ends
            });
            quote.map(|(at, _)| at + 1).ok_or_else(|| self.expected("a closing quotation mark"))?
        } else {
            rest.find([' ', ')', ']']).unwrap_or(rest.len())
        };
        let literal = match serde_json::from_str(&rest[..end]) {
            Ok(Value::String(text)) => Literal::Text(text),
            Ok(Value::Number(number)) => Literal::Number(number),
            _ => return Err(self.expected(expected)),
        };
        self.at += end;
        Ok(literal)
    }
}

fn one_or(mut all: Vec<Filter>, join: impl FnOnce(Vec<Filter>) -> Filter) -> Filter {
    if all.len() == 1 { all.remove(0) } else { join(all) }
}
