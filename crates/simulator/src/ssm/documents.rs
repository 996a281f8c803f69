//! Session documents: their versions, which of them is the default, and how long a change takes.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::account_id::AccountId;
use crate::macie::target_state::BEGINNING;
use crate::operation::{Operation, WriteCall, WriteLog};
use crate::region::Region;
use crate::request::{invalid, missing, parse, unknown};
use crate::response::{ServiceError, seconds};
use crate::world::World;
use crate::world::session_manager::{ACTIVE, DocumentFormat, DocumentVersion, PREFERENCES_DOCUMENT};

/// Source: AWS General Reference, "AWS Systems Manager endpoints and quotas".
const MAX_CONTENT_BYTES: usize = 64 * 1024;
const MAX_VERSIONS: usize = 1000;

/// Source: AWS Systems Manager User Guide, "Session document schema", `sessionType`.
const SESSION_TYPES: [&str; 4] = ["InteractiveCommands", "NonInteractiveCommands", "Port", "Standard_Stream"];

/// Account and Region of a request.
type Target<'a> = (&'a World, AccountId, Region);

/// The documents that are no longer as the world began.
#[derive(Debug)]
pub(crate) struct DocumentStore {
    changes: Mutex<Changes>,
    log: Arc<WriteLog>,
}

#[derive(Debug, Default)]
struct Changes {
    count: i64,
    documents: BTreeMap<(AccountId, Region, String), Document>,
}

/// A document with its history.
#[derive(Debug, Clone, Default)]
struct Document {
    /// Oldest first: the first one is version 1.
    versions: Vec<Version>,
    /// The index of the default version, and that of the one before with the number of reads that still show it.
    default: usize,
    former_default: (usize, u64),
    /// The number of reads.
    reads: u64,
}

#[derive(Debug, Clone)]
struct Version {
    kept: DocumentVersion,
    created_at: Timestamp,
    /// A status before that of the version, and the number of reads that still show it.
    interim: (String, u64),
}

/// The parameters of all operations together.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DocumentInput {
    pub(crate) name: Option<String>,
    content: Option<String>,
    document_format: Option<String>,
    document_type: Option<String>,
    document_version: Option<String>,
}

impl DocumentInput {
    fn name(&self) -> Result<&str, ServiceError> {
        // An ARN is as good as a name.
        let name = self.name.as_deref().ok_or_else(|| missing("name"))?;
        Ok(name.rsplit_once(":document/").map_or(name, |(_, name)| name))
    }

    fn format(&self) -> Result<DocumentFormat, ServiceError> {
        self.document_format.as_deref().map_or(Ok(DocumentFormat::Json), |word| parse(word, "documentFormat"))
    }

    /// The new content, if it is that of a Session document.
    ///
    /// Source: AWS Systems Manager API Reference, CreateDocument; AWS Systems Manager User Guide, "Session document schema";
    /// the message about the schema version was seen in an answer of AWS.
    fn content(&self) -> Result<DocumentVersion, ServiceError> {
        let refused = |code, message: &str| Err(ServiceError::bad_request(code, message));
        let (content, format) = (self.content.clone().ok_or_else(|| missing("content"))?, self.format()?);
        if content.len() > MAX_CONTENT_BYTES {
            return refused("MaxDocumentSizeExceeded", "The size limit of a document is 64 KB.");
        }
        let Some(Value::Object(keys)) = read(&content, format) else {
            return refused("InvalidDocumentContent", "The content for the document is not valid.");
        };
        let word = |key: &str| keys.get(key).and_then(Value::as_str).unwrap_or_default();
        let schema = word("schemaVersion");
        if schema != "1.0" {
            let message = format!("{schema} is not a valid schema version for Session document type");
            return refused("InvalidDocumentSchemaVersion", &message);
        }
        if !SESSION_TYPES.contains(&word("sessionType")) {
            return refused("InvalidDocumentContent", "The sessionType of the document is not valid.");
        }
        Ok(DocumentVersion { format, ..DocumentVersion::new(content) })
    }
}

/// A document's content as a JSON value. JSON is YAML too.
fn read(content: &str, format: DocumentFormat) -> Option<Value> {
    match format {
        DocumentFormat::Json => serde_json::from_str(content).ok(),
        DocumentFormat::Yaml => serde_yaml::from_str(content).ok(),
    }
}

/// Source: Service Authorization Reference, "Resource types defined by AWS Systems Manager".
pub(crate) fn arn(account: AccountId, region: Region, name: &str) -> String {
    let name = name.rsplit_once(":document/").map_or(name, |(_, name)| name);
    format!("arn:aws:ssm:{region}:{account}:document/{name}")
}

/// The error for a document that is missing. The Terraform AWS provider matches the end of the message.
fn does_not_exist() -> ServiceError {
    ServiceError::bad_request("InvalidDocument", "The specified document does not exist.")
}

fn invalid_version() -> ServiceError {
    let message = "The document version is not valid or does not exist.";
    ServiceError::bad_request("InvalidDocumentVersion", message)
}

impl DocumentStore {
    pub(crate) fn new(log: Arc<WriteLog>) -> Self {
        Self { changes: Mutex::default(), log }
    }

    /// A version with its content. YAML is answered as JSON, unless the request asks for YAML.
    ///
    /// Source: AWS Systems Manager API Reference, GetDocument.
    pub(crate) fn get(&self, target: Target<'_>, input: &DocumentInput) -> Result<Value, ServiceError> {
        let (name, format) = (input.name()?, input.format()?);
        let document = self.read(target, name)?;
        let index = document.index(input.document_version.as_deref())?;
        let version = document.versions.get(index).ok_or_else(invalid_version)?;
        let is_converted = version.kept.format == DocumentFormat::Yaml && format == DocumentFormat::Json;
        let converted = read(&version.kept.content, version.kept.format).filter(|_| is_converted);
        let mut body = json!({
            "AttachmentsContent": [],
            "Content": converted.map_or_else(|| version.kept.content.clone(), |value| value.to_string()),
            "CreatedDate": seconds(version.created_at),
            "DocumentFormat": format,
            "DocumentType": version.kept.document_type,
            "DocumentVersion": (index + 1).to_string(),
            "Name": name,
            "Status": version.status(document.reads),
        });
        if let Some(information) = &version.kept.status_information {
            body["StatusInformation"] = information.as_str().into();
        }
        Ok(body)
    }

    /// A version without its content. Source: AWS Systems Manager API Reference, DescribeDocument.
    pub(crate) fn describe(&self, target: Target<'_>, input: &DocumentInput) -> Result<Value, ServiceError> {
        let name = input.name()?;
        let document = self.read(target, name)?;
        let index = document.index(input.document_version.as_deref())?;
        Ok(json!({ "Document": document.description(target, name, index)? }))
    }

    /// Makes a document. Source: AWS Systems Manager API Reference, CreateDocument. Here, only Session documents are kept.
    pub(crate) fn create(&self, target: Target<'_>, input: &DocumentInput) -> Result<Value, ServiceError> {
        let (world, id, region) = target;
        let name = input.name()?;
        if !is_name(name) {
            return Err(invalid(format!(
                "1 validation error detected: Value '{name}' at 'name' failed to satisfy constraint: \
                 Member must satisfy regular expression pattern: ^[a-zA-Z0-9_\\-.:/]{{3,128}}$"
            )));
        }
        if input.document_type.as_deref() != Some("Session") {
            return Err(unknown(input.document_type.as_deref().unwrap_or_default(), "documentType", &["Session"]));
        }
        let mut changes = self.lock();
        if changes.document(target, name).is_ok() {
            let message = format!("Document with same name {name} already exists");
            return Err(ServiceError::bad_request("DocumentAlreadyExists", message));
        }
        let created_at = changes.next_moment();
        let interim = ("Creating".to_owned(), u64::from(world.visibility()));
        let versions = vec![Version { kept: input.content()?, created_at, interim }];
        let document = Document { versions, ..Document::default() };
        let description = document.description(target, name, 0)?;
        changes.documents.insert((id, region, name.to_owned()), document);
        self.log.add(WriteCall { operation: Operation::CreateDocument, account: id, region });
        Ok(json!({ "DocumentDescription": description }))
    }

    /// Adds a version; the default stays as it is.
    ///
    /// Source: AWS Systems Manager API Reference, UpdateDocument. Contents are compared as texts here.
    pub(crate) fn update(&self, target: Target<'_>, input: &DocumentInput) -> Result<Value, ServiceError> {
        let (world, id, region) = target;
        let name = input.name()?;
        let mut changes = self.lock();
        let mut document = changes.document(target, name)?;
        let latest = document.latest();
        if document.index(Some(input.document_version.as_deref().unwrap_or("$LATEST")))? != latest {
            return Err(invalid_version());
        }
        let kept = input.content()?;
        if document.versions.last().is_some_and(|version| version.kept.content == kept.content) {
            let message = "The content of the association document matches another document. \
                           Change the content of the document and try again.";
            return Err(ServiceError::bad_request("DuplicateDocumentContent", message));
        }
        if document.versions.len() >= MAX_VERSIONS {
            let message = format!("The document has {MAX_VERSIONS} versions: delete one, then try again.");
            return Err(ServiceError::bad_request("DocumentVersionLimitExceeded", message));
        }
        let created_at = changes.next_moment();
        let interim = ("Updating".to_owned(), document.reads + u64::from(world.visibility()));
        document.versions.push(Version { kept, created_at, interim });
        let description = document.description(target, name, latest + 1)?;
        changes.documents.insert((id, region, name.to_owned()), document);
        self.log.add(WriteCall { operation: Operation::UpdateDocument, account: id, region });
        Ok(json!({ "DocumentDescription": description }))
    }

    /// Makes another version the default. Source: AWS Systems Manager API Reference, UpdateDocumentDefaultVersion.
    pub(crate) fn set_default(&self, target: Target<'_>, input: &DocumentInput) -> Result<Value, ServiceError> {
        let (world, id, region) = target;
        let name = input.name()?;
        let version = input.document_version.as_deref().ok_or_else(|| missing("documentVersion"))?;
        if version.starts_with('$') {
            return Err(invalid(format!(
                "1 validation error detected: Value '{version}' at 'documentVersion' failed to satisfy constraint: \
                 Member must satisfy regular expression pattern: (^[1-9][0-9]*$)"
            )));
        }
        let mut changes = self.lock();
        let mut document = changes.document(target, name)?;
        let default = document.index(Some(version))?;
        document.former_default = (document.shown_default(), document.reads + u64::from(world.visibility()));
        document.default = default;
        changes.documents.insert((id, region, name.to_owned()), document);
        self.log.add(WriteCall { operation: Operation::UpdateDocumentDefaultVersion, account: id, region });
        Ok(json!({ "Description": { "Name": name, "DefaultVersion": version } }))
    }

    /// A document as this read shows it.
    fn read(&self, target: Target<'_>, name: &str) -> Result<Document, ServiceError> {
        let (_, id, region) = target;
        let mut changes = self.lock();
        let shown = changes.document(target, name)?;
        // One on which nothing depends on the number of reads need not be kept.
        if shown.changes() {
            let read = Document { reads: shown.reads + 1, ..shown.clone() };
            changes.documents.insert((id, region, name.to_owned()), read);
        }
        Ok(shown)
    }

    fn lock(&self) -> MutexGuard<'_, Changes> {
        // A change is one insertion, so a panic cannot leave half of it.
        self.changes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Changes {
    /// The document after its changes, or as the world began.
    fn document(&self, (world, id, region): Target<'_>, name: &str) -> Result<Document, ServiceError> {
        if let Some(document) = self.documents.get(&(id, region, name.to_owned())) {
            return Ok(document.clone());
        }
        let account = world.account(id).filter(|_| name == PREFERENCES_DOCUMENT);
        let versions = account.map(|account| account.session_manager.preferences(id, region)).unwrap_or_default();
        if versions.is_empty() { Err(does_not_exist()) } else { Ok(Document::from_versions(versions)) }
    }

    /// The time of the next change: as for Macie, a second after the one before.
    fn next_moment(&mut self) -> Timestamp {
        self.count += 1;
        BEGINNING.saturating_add(SignedDuration::from_secs(self.count)).unwrap_or(BEGINNING)
    }
}

impl Document {
    fn from_versions(versions: Vec<DocumentVersion>) -> Self {
        let default = versions.iter().position(|version| version.is_default);
        let default = default.unwrap_or_else(|| versions.len().saturating_sub(1));
        let version = |mut kept: DocumentVersion| {
            let created_at = kept.created_at.unwrap_or(BEGINNING);
            let reads = kept.active_after.map_or(0, |reads| u64::from(reads.get()));
            let later = if reads > 0 { ACTIVE.to_owned() } else { kept.status.clone() };
            let interim = (std::mem::replace(&mut kept.status, later), reads);
            Version { kept, created_at, interim }
        };
        let versions = versions.into_iter().map(version).collect();
        Self { versions, default, ..Self::default() }
    }

    /// Whether later reads show something else.
    fn changes(&self) -> bool {
        let (_, until) = self.former_default;
        let interims = self.versions.iter().map(|version| version.interim.1);
        interims.chain([until]).any(|until| self.reads < until)
    }

    fn latest(&self) -> usize {
        self.versions.len().saturating_sub(1)
    }

    fn shown_default(&self) -> usize {
        let (former, until) = self.former_default;
        if self.reads < until { former } else { self.default }
    }

    /// The index of a version: `$DEFAULT`, which is also meant by none, `$LATEST`, or a number.
    fn index(&self, version: Option<&str>) -> Result<usize, ServiceError> {
        match version {
            None | Some("$DEFAULT") => Ok(self.shown_default()),
            Some("$LATEST") => Ok(self.latest()),
            Some(number) => {
                let index = number.parse::<usize>().ok().and_then(|number| number.checked_sub(1));
                index.filter(|index| *index < self.versions.len()).ok_or_else(invalid_version)
            }
        }
    }

    /// Source: AWS Systems Manager API Reference, DocumentDescription.
    fn description(&self, target: Target<'_>, name: &str, index: usize) -> Result<Value, ServiceError> {
        let (_, id, _) = target;
        let version = self.versions.get(index).ok_or_else(invalid_version)?;
        let hash = Sha256::digest(&version.kept.content);
        let content = read(&version.kept.content, version.kept.format).unwrap_or_default();
        let mut description = json!({
            "CreatedDate": seconds(version.created_at),
            "DefaultVersion": (self.shown_default() + 1).to_string(),
            "Description": content["description"].as_str().unwrap_or_default(),
            "DocumentFormat": version.kept.format,
            "DocumentType": version.kept.document_type,
            "DocumentVersion": (index + 1).to_string(),
            "Hash": hash.iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}")),
            "HashType": "Sha256",
            "LatestVersion": (self.latest() + 1).to_string(),
            "Name": name,
            "Owner": id,
            "Parameters": [],
            "PlatformTypes": ["Windows", "Linux", "MacOS"],
            "SchemaVersion": content["schemaVersion"].as_str().unwrap_or_default(),
            "Status": version.status(self.reads),
            "Tags": [],
        });
        if let Some(information) = &version.kept.status_information {
            description["StatusInformation"] = information.as_str().into();
        }
        Ok(description)
    }
}

impl Version {
    /// The status after a number of reads.
    fn status(&self, reads: u64) -> &str {
        let (interim, until) = &self.interim;
        if reads < *until { interim } else { &self.kept.status }
    }
}

/// Source: AWS Systems Manager API Reference, CreateDocument, `Name`.
fn is_name(name: &str) -> bool {
    let is_valid = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.:/".contains(&byte);
    (3..=128).contains(&name.len()) && name.bytes().all(is_valid)
}
