//! How specific a declaration is for a target, and which of two therefore counts.

use std::cmp::Ordering;
use std::fmt;

/// How closely a declaration's account selectors point at an account. Later is closer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AccountReach {
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
pub enum RegionReach {
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
    pub accounts: AccountReach,
    /// For the Region.
    pub regions: RegionReach,
}

impl Specificity {
    /// Nothing can be more specific.
    pub const EXACT: Self = Self { accounts: AccountReach::Id, regions: RegionReach::Name };

    /// The least specificity that beats this one and the other, neither of which beats the other; `None` if there is none.
    pub fn settling(self, other: Self) -> Option<Self> {
        let both = Self { accounts: self.accounts.max(other.accounts), regions: self.regions.max(other.regions) };
        let steps = [both, Self { accounts: AccountReach::Id, ..both }, Self { regions: RegionReach::Name, ..both }];
        steps.into_iter().find(|step| step.beats(self) && step.beats(other))
    }

    /// Whether a declaration of this specificity counts against one of the other: at least as specific in both
    /// dimensions, and more in one.
    pub fn beats(self, other: Self) -> bool {
        let accounts = self.accounts.cmp(&other.accounts);
        let regions = self.regions.cmp(&other.regions);
        accounts != Ordering::Less
            && regions != Ordering::Less
            && (accounts, regions) != (Ordering::Equal, Ordering::Equal)
    }
}

impl fmt::Display for AccountReach {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Everyone => out.pad("every account"),
            Self::Unit(depth) => out.pad(&format!("organizational unit at depth {depth}")),
            Self::Attribute => out.pad("tag or name pattern"),
            Self::Id => out.pad("account id"),
        }
    }
}

impl fmt::Display for RegionReach {
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

    const ACCOUNTS: [AccountReach; 5] = [
        AccountReach::Everyone,
        AccountReach::Unit(1),
        AccountReach::Unit(2),
        AccountReach::Attribute,
        AccountReach::Id,
    ];
    const REGIONS: [RegionReach; 3] = [RegionReach::All, RegionReach::Pattern, RegionReach::Name];

    fn every() -> impl Iterator<Item = Specificity> {
        ACCOUNTS.into_iter().flat_map(|accounts| REGIONS.map(|regions| Specificity { accounts, regions }))
    }

    #[test]
    fn beating_is_a_strict_partial_order() {
        for one in every() {
            assert!(!one.beats(one));
            for two in every() {
                assert!(!(one.beats(two) && two.beats(one)));
                for three in every() {
                    assert!(!(one.beats(two) && two.beats(three)) || one.beats(three));
                }
            }
        }
    }

    #[test]
    fn what_settles_beats_both_and_only_the_exact_cannot_be_settled() {
        for one in every() {
            for two in every().filter(|two| !one.beats(*two) && !two.beats(one)) {
                match one.settling(two) {
                    Some(least) => assert!(least.beats(one) && least.beats(two), "{one} and {two}"),
                    None => assert!(one == Specificity::EXACT && two == Specificity::EXACT, "{one} and {two}"),
                }
            }
        }
    }

    #[test]
    fn deeper_is_closer_and_an_id_is_closest() {
        assert!(ACCOUNTS.is_sorted());
        assert!(AccountReach::Unit(u8::MAX) < AccountReach::Attribute);
    }

    #[test]
    fn an_account_and_a_region_do_not_outrank_each_other() {
        let account = Specificity { accounts: AccountReach::Id, regions: RegionReach::All };
        let region = Specificity { accounts: AccountReach::Everyone, regions: RegionReach::Name };
        assert!(!account.beats(region) && !region.beats(account));
        assert!(Specificity::EXACT.beats(account) && Specificity::EXACT.beats(region));
    }
}
