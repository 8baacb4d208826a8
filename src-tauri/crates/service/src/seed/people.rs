//! Made-up people. Their addresses are at domains, and their numbers in ranges, that are nobody's (RFC 2606, Ofcom).

/// A person: family name, given name, the beginning of their address.
pub struct Person {
    pub family: &'static str,
    pub given: &'static str,
    pub address: &'static str,
    pub works_as: &'static str,
}

/// The account's own.
pub const OWN: &str = "Sample";
/// The account's own address.
pub const OWN_ADDRESS: &str = "sample@example.invalid";
/// Where they all work.
pub const ORGANIZATION: &str = "Example Bakery";

pub const PEOPLE: [Person; 12] = [
    Person {
        family: "Lin",
        given: "Mei",
        address: "mei.lin",
        works_as: "Head of baking",
    },
    Person {
        family: "Okafor",
        given: "Tom",
        address: "tom",
        works_as: "Deliveries",
    },
    Person {
        family: "Rahman",
        given: "Aisha",
        address: "aisha",
        works_as: "Accounts",
    },
    Person {
        family: "陈",
        given: "思远",
        address: "chen",
        works_as: "Pastry",
    },
    Person {
        family: "Kjær",
        given: "Søren",
        address: "soren",
        works_as: "Ovens",
    },
    Person {
        family: "Nguyễn",
        given: "Ngọc Anh",
        address: "ngocanh",
        works_as: "Shop",
    },
    Person {
        family: "Иванов",
        given: "Пётр",
        address: "pyotr",
        works_as: "Night shift",
    },
    Person {
        family: "ใจดี",
        given: "สมชาย",
        address: "somchai",
        works_as: "Shop",
    },
    Person {
        family: "da Silva, Filho",
        given: "João",
        address: "joao",
        works_as: "Coffee; tea",
    },
    Person {
        family: "O'Brien",
        given: "Zoë",
        address: "zoe",
        works_as: "Design",
    },
    Person {
        family: "الحسن",
        given: "ليلى",
        address: "layla",
        works_as: "Orders",
    },
    Person {
        family: "Grün-Weiß",
        given: "Jörg",
        address: "joerg",
        works_as: "Flour\\wheat",
    },
];

impl Person {
    /// The name as it is shown.
    pub fn name(&self) -> String {
        format!("{} {}", self.given, self.family)
    }

    /// The whole address.
    pub fn email(&self) -> String {
        format!("{}@example.org", self.address)
    }
}
