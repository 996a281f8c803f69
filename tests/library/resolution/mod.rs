//! What policies come to against an organization that is known by names, units and tags: who is selected, who wins, what is
//! doubted, and what a waiver covers.

mod doubts;
mod organization;
mod selectors;
mod waivers;
mod winners;
