//! The settings of the caller's session: publication, results repository, samples, organization.

use hyper::StatusCode;
use hyper::body::Bytes;
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::account_id::AccountId;
use crate::macie::{Macie, input};
use crate::operation::{Operation, WriteCall};
use crate::response::{Answer, ServiceError};
use crate::world::session::{ExportDestination, FurtherSettings, RetrievalMode, SecurityHub, Toggle};

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct PublicationInput {
    security_hub_configuration: Option<SecurityHubInput>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SecurityHubInput {
    publish_policy_findings: Option<bool>,
    publish_classification_findings: Option<bool>,
}

#[derive(Default, Deserialize)]
struct ExportInput {
    configuration: Option<ExportConfigurationInput>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ExportConfigurationInput {
    s3_destination: Option<DestinationInput>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct DestinationInput {
    bucket_name: Option<String>,
    key_prefix: Option<String>,
    kms_key_arn: Option<String>,
    expected_bucket_owner: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct RevealInput {
    configuration: Option<RevealConfigurationInput>,
    retrieval_configuration: Option<RetrievalInput>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RevealConfigurationInput {
    status: Option<String>,
    kms_key_id: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RetrievalInput {
    retrieval_mode: Option<String>,
    role_name: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct OrganizationInput {
    auto_enable: Option<bool>,
}

impl Macie<'_> {
    /// The published findings. Source: Amazon Macie API Reference, GetFindingsPublicationConfiguration.
    pub(crate) fn get_publication(&self) -> Result<Answer, ServiceError> {
        let settings = self.settings(input::not_enabled_for_this_account)?;
        Ok(Answer::json(&json!({ "securityHubConfiguration": settings.security_hub })))
    }

    /// Replaces the published findings. Source: Amazon Macie API Reference, PutFindingsPublicationConfiguration.
    pub(crate) fn put_publication(&self, body: &Bytes) -> Result<Answer, ServiceError> {
        let hub = input::json::<PublicationInput>(body)?.security_hub_configuration;
        let hub = hub.ok_or_else(|| input::missing("securityHubConfiguration"))?;
        let given = |value: Option<bool>, key: &str| value.ok_or_else(|| input::missing(key));
        let security_hub = SecurityHub {
            publish_policy_findings: given(hub.publish_policy_findings, "publishPolicyFindings")?,
            publish_classification_findings: given(
                hub.publish_classification_findings,
                "publishClassificationFindings",
            )?,
        };
        self.settings(input::not_enabled_for_this_account)?;
        self.set(Operation::PutFindingsPublicationConfiguration, |settings| settings.security_hub = security_hub)?;
        Ok(Answer::json(&json!({})))
    }

    /// The repository of results. Source: Amazon Macie API Reference, GetClassificationExportConfiguration; the Terraform AWS
    /// provider knows the error where Macie is off, and the empty configuration where nothing is set.
    pub(crate) fn get_export(&self) -> Result<Answer, ServiceError> {
        Ok(Answer::json(&exported(self.settings(|_| input::not_enabled_for_your_account())?.classification_export)))
    }

    /// Replaces the repository of results. An empty configuration removes it, which AWS does not document.
    ///
    /// Source: Amazon Macie API Reference, PutClassificationExportConfiguration.
    pub(crate) fn put_export(&self, body: &Bytes) -> Result<Answer, ServiceError> {
        let configuration = input::json::<ExportInput>(body)?.configuration;
        let destination = match configuration.ok_or_else(|| input::missing("configuration"))?.s3_destination {
            None => None,
            Some(destination) => Some(ExportDestination {
                bucket_name: destination.bucket_name.ok_or_else(|| input::missing("bucketName"))?,
                key_prefix: destination.key_prefix,
                kms_key_arn: destination.kms_key_arn.ok_or_else(|| input::missing("kmsKeyArn"))?,
                expected_bucket_owner: destination.expected_bucket_owner,
            }),
        };
        self.settings(|_| input::not_enabled_for_your_account())?;
        self.set(Operation::PutClassificationExportConfiguration, |settings| {
            settings.classification_export.clone_from(&destination);
        })?;
        Ok(Answer::json(&exported(destination)))
    }

    /// The retrieval of samples. Source: Amazon Macie API Reference, GetRevealConfiguration. AWS's answer in Regions without
    /// it is not known.
    pub(crate) fn get_reveal(&self) -> Result<Answer, ServiceError> {
        self.check_reveal_exists()?;
        Ok(Answer::json(&revealed(&self.settings(input::not_enabled_for_this_account)?, &self.external_id())))
    }

    /// Changes the retrieval of samples. To disable it, and to leave ASSUME_ROLE, deletes role name and external id for good.
    ///
    /// Source: Amazon Macie API Reference, UpdateRevealConfiguration.
    pub(crate) fn update_reveal(&self, body: &Bytes) -> Result<Answer, ServiceError> {
        self.check_reveal_exists()?;
        let RevealInput { configuration, retrieval_configuration: retrieval } = input::json(body)?;
        let configuration = configuration.ok_or_else(|| input::missing("configuration"))?;
        let status: Toggle = input::required(configuration.status, "configuration.status")?;
        let mode = retrieval
            .as_ref()
            .map(|retrieval| input::required(retrieval.retrieval_mode.clone(), "retrievalConfiguration.retrievalMode"))
            .transpose()?;
        let role = retrieval.and_then(|retrieval| retrieval.role_name);
        if mode == Some(RetrievalMode::AssumeRole) && role.is_none() {
            return Err(input::missing("retrievalConfiguration.roleName"));
        }
        let mut settings = self.settings(input::not_enabled_for_this_account)?;
        let reveal = &mut settings.reveal;
        reveal.status = status;
        reveal.kms_key_id = configuration.kms_key_id.or(reveal.kms_key_id.take());
        if status == Toggle::Enabled && reveal.kms_key_id.is_none() {
            return Err(input::missing("configuration.kmsKeyId"));
        }
        reveal.retrieval_mode = mode.unwrap_or(reveal.retrieval_mode);
        reveal.role_name = role.or(reveal.role_name.take());
        if status == Toggle::Disabled || reveal.retrieval_mode == RetrievalMode::CallerCredentials {
            (reveal.role_name, reveal.external_id) = (None, None);
            reveal.retrieval_mode = RetrievalMode::CallerCredentials;
        }
        let shown = revealed(&settings, &self.external_id());
        self.set(Operation::UpdateRevealConfiguration, |now| now.reveal = settings.reveal)?;
        Ok(Answer::json(&shown))
    }

    fn check_reveal_exists(&self) -> Result<(), ServiceError> {
        let missing = || input::invalid("The request failed because this feature isn't available in the Region");
        if self.region.has_reveal() { Ok(()) } else { Err(missing()) }
    }

    /// The external id of roles in this target, where the world names none.
    fn external_id(&self) -> String {
        let digest = Sha256::digest(format!("external id {} {}", self.id, self.region));
        digest.iter().take(16).fold(String::new(), |id, byte| format!("{id}{byte:02x}"))
    }

    /// Source: Amazon Macie API Reference, DescribeOrganizationConfiguration, which is for the delegated administrator. The
    /// refusal is the same where Macie is off.
    pub(crate) fn describe_organization(&self) -> Result<Answer, ServiceError> {
        let organization = self.delegated()?.organization;
        Ok(Answer::json(&json!({ "autoEnable": organization.auto_enable, "maxAccountLimitReached": false })))
    }

    /// Source: Amazon Macie API Reference, UpdateOrganizationConfiguration.
    pub(crate) fn update_organization(&self, body: &Bytes) -> Result<Answer, ServiceError> {
        let auto_enable = input::json::<OrganizationInput>(body)?.auto_enable;
        let auto_enable = auto_enable.ok_or_else(|| input::missing("autoEnable"))?;
        self.delegated()?;
        self.set(Operation::UpdateOrganizationConfiguration, |settings| {
            settings.organization.auto_enable = auto_enable;
        })?;
        Ok(Answer::json(&json!({})))
    }

    /// The settings of the organization's delegated administrator.
    fn delegated(&self) -> Result<FurtherSettings, ServiceError> {
        let settings = self.settings(|_| input::not_the_organizations_administrator())?;
        let is_delegated = self.world.macie_administrators().contains(&self.id);
        if is_delegated { Ok(settings) } else { Err(input::not_the_organizations_administrator()) }
    }

    /// The settings of the caller, and the error where Macie is off, which differs by operation.
    pub(crate) fn settings(
        &self,
        off: impl FnOnce(StatusCode) -> ServiceError,
    ) -> Result<FurtherSettings, ServiceError> {
        self.own().map_err(|_| off(self.world.not_enabled_status()))?;
        Ok(self.states.settings(self.world, self.id, self.region))
    }

    /// Changes the settings of the caller.
    fn set(&self, operation: Operation, change: impl FnOnce(&mut FurtherSettings)) -> Result<(), ServiceError> {
        self.states.write_settings(self.world, &self.write_call(operation, self.id), |truth, _| {
            let mut settings = truth.settings(self.id);
            change(&mut settings);
            Ok(vec![(self.id, settings)])
        })
    }

    pub(crate) fn write_call(&self, operation: Operation, account: AccountId) -> WriteCall {
        WriteCall { operation, account, region: self.region }
    }
}

fn exported(destination: Option<ExportDestination>) -> Value {
    match destination {
        None => json!({ "configuration": {} }),
        Some(destination) => json!({ "configuration": { "s3Destination": destination } }),
    }
}

fn revealed(FurtherSettings { reveal, .. }: &FurtherSettings, external_id: &str) -> Value {
    let mut body = json!({
        "configuration": { "status": reveal.status },
        "retrievalConfiguration": { "retrievalMode": reveal.retrieval_mode },
    });
    if let Some(key) = &reveal.kms_key_id {
        body["configuration"]["kmsKeyId"] = key.as_str().into();
    }
    if reveal.retrieval_mode == RetrievalMode::AssumeRole {
        body["retrievalConfiguration"]["roleName"] = json!(reveal.role_name);
        body["retrievalConfiguration"]["externalId"] = reveal.external_id.as_deref().unwrap_or(external_id).into();
    }
    body
}
