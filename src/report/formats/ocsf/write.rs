//! From the settings of a report to Compliance Findings.

use std::io::{self, Write};

use super::event::{
    Account, Analytic, Cloud, Compliance, Data, Event, FindingInfo, Metadata, Ours, Place, Product, Remediation,
    Resource, Unmapped, Unread, Waiver,
};
use super::number;
use crate::diagnostic::write_json_line;
use crate::model::{Environment, Origin, Region};
use crate::report::escape::terminal;
use crate::report::formats::setting_row::SettingRow;
use crate::report::formats::timestamps::read_at;
use crate::report::{FormatOptions, UnreadResult, View, WaiverResult};
use crate::resource::Outcome;

/// The version of OCSF that the events say they are of.
const OCSF: &str = "1.3.0";

/// Writes one Compliance Finding for each declared setting, one a line.
///
/// What is in sync is among them: that a finding is missing is no evidence. What could not be read is a finding with the status
/// Unknown, under the identity that the setting has when it can be read, so that no earlier answer goes on standing there. What
/// does not apply is left out.
///
/// Source: ocsf/ocsf-schema 1.3.0, class `compliance_finding` (2003).
pub fn write_ocsf(view: &View<'_>, options: &FormatOptions, out: &mut dyn Write) -> io::Result<()> {
    let set = text(&options.policy_set);
    for target in view.targets.iter() {
        let time = read_at(view, &target)?.as_second().saturating_mul(1_000);
        for check in SettingRow::all_of(&target).filter(|check| check.setting.outcome != Outcome::NotApplicable) {
            write_json_line(&event(view, &check, time, &set, options), out)?;
        }
    }
    Ok(())
}

fn event<'a>(view: &View<'_>, check: &SettingRow<'_>, time: i64, set: &'a str, options: &FormatOptions) -> Event<'a> {
    let (target, setting) = (check.target, check.setting);
    let (severity_id, severity) = number::severity(check.severity());
    let (status_id, status) = number::status(setting.outcome);
    let message = text(&check.sentence());
    Event {
        metadata: metadata(view, check, set),
        category_uid: 2,
        category_name: "Findings",
        class_uid: 2003,
        class_name: "Compliance Finding",
        // Whether it was known before, is not known here.
        activity_id: 1,
        activity_name: "Create",
        type_uid: 200_301,
        type_name: "Compliance Finding: Create",
        time,
        timezone_offset: 0,
        severity_id,
        severity,
        status_id,
        status,
        message: message.clone(),
        cloud: Cloud {
            provider: "AWS",
            region: text(&target.region),
            account: Account {
                uid: target.account.to_string(),
                name: target.account_name.as_deref().map(text),
                kind: "AWS Account",
                type_id: 10,
            },
        },
        finding_info: FindingInfo {
            uid: text(&format!("driftline:{}:{}:session:{}", target.account, target.region, setting.setting.key())),
            title: check.title(),
            desc: message,
            last_seen_time: time,
            analytic: Analytic { name: "driftline", uid: check.check().id(), kind: "Rule", type_id: 1 },
        },
        compliance: compliance(check, set, options),
        resources: [resource(check)],
        remediation: check.remediation(options).map(|way| Remediation { desc: text(&way) }),
        unmapped: Unmapped { driftline: ours(view, check, options) },
    }
}

fn metadata(view: &View<'_>, check: &SettingRow<'_>, set: &str) -> Metadata {
    let mut labels = vec![format!("policy_set:{set}")];
    // Nobody shall take a rehearsal for evidence.
    if view.run.source == Environment::Simulation {
        labels.push("source:simulation".to_owned());
    }
    if view.run.snapshot.is_some() {
        labels.push("source:snapshot".to_owned());
    } else if view.stored_at(check.target).is_some() {
        labels.push("source:earlier-run".to_owned());
    }
    Metadata {
        version: OCSF,
        product: Product {
            name: "driftline",
            vendor_name: "driftline",
            uid: "driftline",
            version: text(&view.tool.version),
        },
        profiles: ["cloud"],
        event_code: check.rule().id(),
        log_name: "driftline",
        labels,
    }
}

fn compliance<'a>(check: &SettingRow<'_>, set: &'a str, options: &FormatOptions) -> Compliance<'a> {
    let outcome = check.setting.outcome;
    let (status_id, status) = number::compliance(outcome);
    let unread = check.target.unread.as_ref().filter(|_| outcome == Outcome::Unread);
    Compliance {
        control: format!("macie.session.{}", check.setting.setting.key()),
        standards: [set],
        requirements: [text(&check.declared_at(options))],
        status,
        status_id,
        status_code: unread.map_or(outcome.as_str(), |unread| unread.reason.as_str()),
    }
}

/// The session. It has no ARN.
fn resource(check: &SettingRow<'_>) -> Resource {
    let (target, setting) = (check.target, check.setting);
    let partition = target.region.parse().map_or("aws", |region: Region| region.partition().as_str());
    Resource {
        uid: text(&format!("AWS::Macie::Session/{}/{}", target.account, target.region)),
        name: "Macie session",
        kind: "AWS::Macie::Session",
        region: text(&target.region),
        cloud_partition: partition,
        data: Data {
            setting: setting.setting.key(),
            desired: setting.desired.iter().map(|value| text(value)).collect(),
            live: setting.live.as_deref().map(text),
        },
    }
}

fn ours(view: &View<'_>, check: &SettingRow<'_>, options: &FormatOptions) -> Ours {
    let setting = check.setting;
    let overridden = setting.overridden.iter().map(|lost| Place {
        file: text(&options.path(&lost.file)),
        line: lost.line,
        column: lost.column,
        declaration: lost.declaration.as_deref().map(text),
    });
    Ours {
        outcome: setting.outcome.as_str(),
        policy_digest: text(&view.run.policy_digest),
        origin: place(&setting.origin, options),
        overridden: overridden.collect(),
        waiver: setting.waiver.as_ref().map(|waiver| waived(waiver, options)),
        unread: check.target.unread.as_ref().map(unread),
    }
}

fn place(origin: &Origin, options: &FormatOptions) -> Place {
    Place {
        file: text(&options.path(&origin.file)),
        line: origin.line,
        column: origin.column,
        declaration: origin.declaration.as_deref().map(text),
    }
}

fn waived(waiver: &WaiverResult<'_>, options: &FormatOptions) -> Waiver {
    Waiver {
        reason: text(&waiver.reason),
        owner: waiver.owner.as_deref().map(text),
        expires: waiver.expires.to_string(),
        origin: place(&waiver.origin, options),
    }
}

fn unread(unread: &UnreadResult<'_>) -> Unread {
    Unread {
        reason: unread.reason.as_str(),
        code: unread.code.as_deref().map(text),
        message: unread.message.as_deref().map(text),
        request_id: unread.request_id.as_deref().map(text),
    }
}

fn text(untrusted: &str) -> String {
    terminal(untrusted).into_owned()
}
