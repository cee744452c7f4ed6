//! The attributes that are known (RFC 7643): of people, and of groups. What is not here is not taken from a directory:
//! no password, no right of ours.

/// A kind of resource.
#[derive(Debug)]
pub struct Schema {
    /// Its URN.
    pub urn: &'static str,
    /// Its attributes.
    pub attributes: &'static [Attribute],
    /// Its extension: its URN and attributes.
    pub extension: Option<(&'static str, &'static [Attribute])>,
}

/// An attribute.
#[derive(Debug, Clone, Copy)]
pub struct Attribute {
    /// Its name, in the RFC's case.
    pub name: &'static str,
    /// What its values are.
    pub kind: Kind,
    /// Whether it has several.
    pub several: bool,
    /// Who may set it.
    pub mutability: Mutability,
}

/// What a value is.
#[derive(Debug, Clone, Copy)]
pub enum Kind {
    /// A text.
    Text,
    /// True or false.
    Boolean,
    /// An object of these.
    Parts(&'static [Attribute]),
}

/// Who may set an attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mutability {
    /// A directory.
    ReadWrite,
    /// A directory, and it must be there.
    Required,
    /// This node.
    ReadOnly,
}

const fn text(name: &'static str) -> Attribute {
    Attribute { name, kind: Kind::Text, several: false, mutability: Mutability::ReadWrite }
}

const fn required(name: &'static str) -> Attribute {
    Attribute { mutability: Mutability::Required, ..text(name) }
}

const fn truth(name: &'static str) -> Attribute {
    Attribute { kind: Kind::Boolean, ..text(name) }
}

const fn parts(name: &'static str, parts: &'static [Attribute]) -> Attribute {
    Attribute { kind: Kind::Parts(parts), ..text(name) }
}

const fn several(name: &'static str, parts: &'static [Attribute]) -> Attribute {
    Attribute { kind: Kind::Parts(parts), several: true, ..text(name) }
}

const fn ours(attribute: Attribute) -> Attribute {
    Attribute { mutability: Mutability::ReadOnly, ..attribute }
}

const META: Attribute = ours(parts(
    "meta",
    &[text("resourceType"), text("created"), text("lastModified"), text("location"), text("version")],
));
const SCHEMAS: Attribute = Attribute { several: true, ..ours(text("schemas")) };
const VALUES: &[Attribute] = &[text("value"), text("display"), text("type"), truth("primary"), text("$ref")];

/// Who is in a group: an id says it all, the rest follows from it.
const MEMBERS: &[Attribute] = &[text("value"), text("$ref")];

/// People.
static USER: Schema = Schema {
    urn: "urn:ietf:params:scim:schemas:core:2.0:User",
    attributes: &[
        SCHEMAS,
        META,
        ours(text("id")),
        text("externalId"),
        required("userName"),
        parts(
            "name",
            &[
                text("formatted"),
                text("familyName"),
                text("givenName"),
                text("middleName"),
                text("honorificPrefix"),
                text("honorificSuffix"),
            ],
        ),
        text("displayName"),
        text("nickName"),
        text("profileUrl"),
        text("title"),
        text("userType"),
        text("preferredLanguage"),
        text("locale"),
        text("timezone"),
        // Always there: whoever is kept is here or has left.
        Attribute { mutability: Mutability::Required, ..truth("active") },
        several("emails", VALUES),
        several("phoneNumbers", VALUES),
        several("roles", VALUES),
        ours(several("groups", VALUES)),
    ],
    extension: Some((
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User",
        &[
            text("employeeNumber"),
            text("costCenter"),
            text("organization"),
            text("division"),
            text("department"),
            parts("manager", &[text("value"), text("$ref"), ours(text("displayName"))]),
        ],
    )),
};

/// Groups.
static GROUP: Schema = Schema {
    urn: "urn:ietf:params:scim:schemas:core:2.0:Group",
    attributes: &[
        SCHEMAS,
        META,
        ours(text("id")),
        text("externalId"),
        required("displayName"),
        several("members", MEMBERS),
    ],
    extension: None,
};

impl Schema {
    /// People, with what a company adds.
    pub fn user() -> &'static Self {
        &USER
    }

    /// Groups.
    pub fn group() -> &'static Self {
        &GROUP
    }

    /// The attribute of that name, in that schema or the core one, and the URN under which it stands if not at the top.
    pub(super) fn attribute(
        &self,
        urn: Option<&str>,
        name: &str,
    ) -> Option<(Option<&'static str>, &'static Attribute)> {
        let (urn, attributes) = match (urn, self.extension) {
            (None, _) => (None, self.attributes),
            (Some(urn), _) if urn.eq_ignore_ascii_case(self.urn) => (None, self.attributes),
            (Some(urn), Some((known, attributes))) if urn.eq_ignore_ascii_case(known) => (Some(known), attributes),
            (Some(_), _) => return None,
        };
        named(attributes, name).map(|attribute| (urn, attribute))
    }
}

/// The one of that name, without case.
pub(super) fn named(attributes: &'static [Attribute], name: &str) -> Option<&'static Attribute> {
    attributes.iter().find(|attribute| attribute.name.eq_ignore_ascii_case(name))
}
