//! How specific a declaration is for a target, and which of two therefore counts.

use std::cmp::Ordering;
use std::fmt;

/// How closely a declaration's account selectors point at an account. Later is closer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AccountSpecificity {
    /// It selects no accounts, and so means everyone.
    Everyone,
    /// It selects an organizational unit that holds the account, so many levels below the root.
    Unit(u8),
    /// It selects a tag of the account, or a pattern that its name matches.
    Attribute,
    /// It lists the account's id.
    Id,
}

/// How closely a declaration's Region selector points at a Region. Later is closer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RegionSpecificity {
    /// It selects no Regions, and so means all.
    All,
    /// A pattern of it matches.
    Pattern,
    /// It names the Region.
    Name,
}

/// How specific a declaration is for one target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Specificity {
    /// For the account.
    pub accounts: AccountSpecificity,
    /// For the Region.
    pub regions: RegionSpecificity,
}

impl Specificity {
    /// Nothing can be more specific.
    pub const EXACT: Self = Self { accounts: AccountSpecificity::Id, regions: RegionSpecificity::Name };

    /// The least specificity that beats this one and the other, neither of which beats the other; `None` if there is none.
    pub fn tie_breaker(self, other: Self) -> Option<Self> {
        let both = Self { accounts: self.accounts.max(other.accounts), regions: self.regions.max(other.regions) };
        let steps = [
            both,
            Self { accounts: AccountSpecificity::Id, ..both },
            Self { regions: RegionSpecificity::Name, ..both },
        ];
        steps.into_iter().find(|step| step.overrides(self) && step.overrides(other))
    }

    /// Whether a declaration of this specificity counts against one of the other: at least as specific in both
    /// dimensions, and more in one.
    pub fn overrides(self, other: Self) -> bool {
        let accounts = self.accounts.cmp(&other.accounts);
        let regions = self.regions.cmp(&other.regions);
        accounts != Ordering::Less
            && regions != Ordering::Less
            && (accounts, regions) != (Ordering::Equal, Ordering::Equal)
    }
}

impl fmt::Display for AccountSpecificity {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Everyone => out.pad("every account"),
            Self::Unit(depth) => out.pad(&format!("organizational unit at depth {depth}")),
            Self::Attribute => out.pad("tag or name pattern"),
            Self::Id => out.pad("account id"),
        }
    }
}

impl fmt::Display for RegionSpecificity {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.pad(match self {
            Self::All => "all Regions",
            Self::Pattern => "Region pattern",
            Self::Name => "Region name",
        })
    }
}

impl fmt::Display for Specificity {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}, {}", self.accounts, self.regions)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ACCOUNTS: [AccountSpecificity; 5] = [
        AccountSpecificity::Everyone,
        AccountSpecificity::Unit(1),
        AccountSpecificity::Unit(2),
        AccountSpecificity::Attribute,
        AccountSpecificity::Id,
    ];
    const REGIONS: [RegionSpecificity; 3] =
        [RegionSpecificity::All, RegionSpecificity::Pattern, RegionSpecificity::Name];

    fn every() -> impl Iterator<Item = Specificity> {
        ACCOUNTS.into_iter().flat_map(|accounts| REGIONS.map(|regions| Specificity { accounts, regions }))
    }

    #[test]
    fn beating_is_a_strict_partial_order() {
        for one in every() {
            assert!(!one.overrides(one));
            for two in every() {
                assert!(!(one.overrides(two) && two.overrides(one)));
                for three in every() {
                    assert!(!(one.overrides(two) && two.overrides(three)) || one.overrides(three));
                }
            }
        }
    }

    #[test]
    fn what_settles_beats_both_and_only_the_exact_cannot_be_settled() {
        for one in every() {
            for two in every().filter(|two| !one.overrides(*two) && !two.overrides(one)) {
                match one.tie_breaker(two) {
                    Some(least) => assert!(least.overrides(one) && least.overrides(two), "{one} and {two}"),
                    None => assert!(one == Specificity::EXACT && two == Specificity::EXACT, "{one} and {two}"),
                }
            }
        }
    }

    #[test]
    fn deeper_is_closer_and_an_id_is_closest() {
        assert!(ACCOUNTS.is_sorted());
        assert!(AccountSpecificity::Unit(u8::MAX) < AccountSpecificity::Attribute);
    }

    #[test]
    fn an_account_and_a_region_do_not_outrank_each_other() {
        let account = Specificity { accounts: AccountSpecificity::Id, regions: RegionSpecificity::All };
        let region = Specificity { accounts: AccountSpecificity::Everyone, regions: RegionSpecificity::Name };
        assert!(!account.overrides(region) && !region.overrides(account));
        assert!(Specificity::EXACT.overrides(account) && Specificity::EXACT.overrides(region));
    }
}
