//! Session documents of Systems Manager.

use serde_json::{Value, json};

use crate::support::{CALLER, OTHER, Ssm, error_parts, macie, start, start_world};

const NAME: &str = "SSM-SessionManagerRunShell";
const REGION: &str = "eu-west-1";

/// A world where the caller has these versions of the document in every Region.
fn world(versions: &str, rest: &str) -> driftline_simulator::Simulation {
    start_world(&format!(
        "accounts: {{'{CALLER}': {{session_manager: {{preferences: {{'*': [{versions}], us-west-2: []}}}}}}, '{OTHER}': {{}}}}\n{rest}"
    ))
}

/// Version, status and inputs.
fn version(ssm: &Ssm<'_>, version: &str) -> (String, String, Value) {
    let answer = ssm.ok("GetDocument", &json!({ "Name": NAME, "DocumentVersion": version }));
    let content: Value = serde_json::from_str(answer["Content"].as_str().expect("a text")).expect("JSON");
    let word = |key: &str| answer[key].as_str().expect("a word").to_owned();
    (word("DocumentVersion"), word("Status"), content["inputs"].clone())
}

/// A content with these inputs.
fn content(inputs: &Value) -> String {
    json!({ "schemaVersion": "1.0", "sessionType": "Standard_Stream", "inputs": inputs }).to_string()
}

fn code(answer: (String, String)) -> String {
    answer.0
}

#[test]
fn default_and_latest_version_may_differ() {
    let versions = "{inputs: {idleSessionTimeout: '20', runAsEnabled: true}, default: true}, {inputs: {idleSessionTimeout: 60, runAsEnabled: 'false'}}";
    let simulation = world(versions, "");
    let ssm = Ssm::new(&simulation, REGION);
    let (first, second) = (
        json!({ "idleSessionTimeout": "20", "runAsEnabled": true }),
        json!({ "idleSessionTimeout": 60, "runAsEnabled": "false" }),
    );
    let answer = |number: &str, inputs: &Value| (number.to_owned(), "Active".to_owned(), inputs.clone());
    assert_eq!(version(&ssm, "$DEFAULT"), answer("1", &first), "types are kept");
    assert_eq!(version(&ssm, "$LATEST"), answer("2", &second));
    assert_eq!(version(&ssm, "1"), answer("1", &first));
    let unnamed = ssm.ok("GetDocument", &json!({ "Name": NAME }));
    assert_eq!(unnamed["DocumentVersion"], "1", "the default");
    assert_eq!((&unnamed["DocumentType"], &unnamed["DocumentFormat"]), (&json!("Session"), &json!("JSON")));
    assert!(unnamed["CreatedDate"].is_f64(), "{unnamed}");
    let described = ssm.ok("DescribeDocument", &json!({ "Name": NAME }))["Document"].clone();
    assert_eq!((&described["DefaultVersion"], &described["LatestVersion"]), (&json!("1"), &json!("2")));
    assert!(described.get("Content").is_none() && described["SchemaVersion"] == "1.0", "{described}");
    for number in ["3", "0", "latest"] {
        let missing = ssm.refused("GetDocument", &json!({ "Name": NAME, "DocumentVersion": number }));
        assert_eq!(code(missing), "InvalidDocumentVersion", "{number}");
    }
}

#[test]
fn a_document_that_does_not_exist() {
    let simulation = world(
        "{}",
        "faults: [{regions: [us-east-1], operations: ['ssm:GetDocument'], \
        fault: {error: {code: InvalidDocument, message: \"Document type: 'Command' is not supported\"}}}]",
    );
    let missing = ("InvalidDocument".to_owned(), "The specified document does not exist.".to_owned());
    let nowhere = Ssm::new(&simulation, "us-west-2");
    assert_eq!(nowhere.refused("GetDocument", &json!({ "Name": NAME })), missing);
    assert_eq!(nowhere.refused("DescribeDocument", &json!({ "Name": NAME })), missing);
    assert_eq!(nowhere.refused("UpdateDocument", &json!({ "Name": NAME, "Content": content(&json!({})) })), missing);
    let other = Ssm::new(&simulation, REGION).refused("GetDocument", &json!({ "Name": "Another" }));
    assert_eq!(other, missing);
    let fault = Ssm::new(&simulation, "us-east-1").refused("GetDocument", &json!({ "Name": NAME }));
    assert_eq!(fault, ("InvalidDocument".to_owned(), "Document type: 'Command' is not supported".to_owned()));
    let nameless = Ssm::new(&simulation, REGION).refused("GetDocument", &json!({}));
    assert_eq!(code(nameless), "ValidationException");
}

#[test]
fn content_is_answered_as_it_is_stored() {
    let yaml = "\"schemaVersion: '1.0'\\nsessionType: Standard_Stream\\ninputs: {runAsEnabled: true}\"";
    let simulation = world(
        &format!(
            "{{content: {yaml}, format: YAML}}, {{content: {yaml}}}, {{content: '{{no JSON'}}, {{inputs: {{}}, parameters: {{bucket: {{type: String}}}}}}, \
                  {{status: Failed, status_information: why}}"
        ),
        "",
    );
    let ssm = Ssm::new(&simulation, REGION);
    let get = |version: &str, format: &str| {
        ssm.ok("GetDocument", &json!({ "Name": NAME, "DocumentVersion": version, "DocumentFormat": format }))
    };
    let text = |answer: &Value| answer["Content"].as_str().expect("a text").to_owned();
    let json: Value = serde_json::from_str(&text(&get("1", "JSON"))).expect("YAML is answered as JSON");
    assert_eq!(json["inputs"], json!({ "runAsEnabled": true }));
    assert!(text(&get("1", "YAML")).starts_with("schemaVersion: '1.0'\n"));
    assert!(text(&get("2", "JSON")).starts_with("schemaVersion: '1.0'\n"), "the format is wrong");
    assert_eq!(text(&get("3", "JSON")), "{no JSON");
    let parameters: Value = serde_json::from_str(&text(&get("4", "JSON"))).expect("JSON");
    assert_eq!(parameters["parameters"], json!({ "bucket": { "type": "String" } }));
    let failed = get("5", "JSON");
    assert_eq!((&failed["Status"], &failed["StatusInformation"]), (&json!("Failed"), &json!("why")));
    let odd = ssm.refused("GetDocument", &json!({ "Name": NAME, "DocumentFormat": "TEXT" }));
    assert_eq!(code(odd), "ValidationException");
}

#[test]
fn a_version_of_the_world_becomes_active() {
    let simulation = world("{inputs: {}}, {inputs: {}, status: Updating, active_after: 3}", "");
    let ssm = Ssm::new(&simulation, REGION);
    let latest = || version(&ssm, "$LATEST").1;
    assert_eq!([latest(), version(&ssm, "1").1, latest()], ["Updating", "Active", "Updating"], "each read counts");
    assert_eq!([latest(), latest()], ["Active", "Active"]);
    assert_eq!(version(&Ssm::new(&simulation, "us-east-1"), "$LATEST").1, "Updating", "elsewhere nobody read it");
    let stays = world("{inputs: {}, status: Creating}", "");
    let stays = Ssm::new(&stays, REGION);
    assert!((0..10).all(|_| version(&stays, "$DEFAULT").1 == "Creating"));
}

#[test]
fn another_document_may_have_the_name_of_the_preferences() {
    let simulation = world("{content: '{\"schemaVersion\": \"2.2\"}', type: Command}", "");
    let ssm = Ssm::new(&simulation, REGION);
    assert_eq!(ssm.ok("GetDocument", &json!({ "Name": NAME }))["DocumentType"], "Command");
    let described = ssm.ok("DescribeDocument", &json!({ "Name": NAME }))["Document"].clone();
    assert_eq!((&described["DocumentType"], &described["SchemaVersion"]), (&json!("Command"), &json!("2.2")));
}

#[test]
fn changes_make_versions_and_take_time() {
    let simulation = world("", "visibility: 2");
    let ssm = Ssm::new(&simulation, REGION);
    let (first, second) =
        (content(&json!({ "idleSessionTimeout": "20" })), content(&json!({ "idleSessionTimeout": "60" })));
    let create = json!({ "Name": NAME, "Content": first, "DocumentType": "Session", "DocumentFormat": "JSON" });
    let created = ssm.ok("CreateDocument", &create)["DocumentDescription"].clone();
    assert_eq!((&created["Status"], &created["DocumentVersion"]), (&json!("Creating"), &json!("1")));
    let status = |number: &str| version(&ssm, number).1;
    assert_eq!([status("1"), status("1"), status("1")], ["Creating", "Creating", "Active"]);
    let again = ssm.refused("CreateDocument", &create);
    let exists = format!("Document with same name {NAME} already exists");
    assert_eq!(again, ("DocumentAlreadyExists".to_owned(), exists));

    let update = |content: &str, version: &str| json!({ "Name": NAME, "Content": content, "DocumentVersion": version });
    assert_eq!(code(ssm.refused("UpdateDocument", &update(&first, "$LATEST"))), "DuplicateDocumentContent");
    let updated = ssm.ok("UpdateDocument", &update(&second, "$LATEST"))["DocumentDescription"].clone();
    let versions = |answer: &Value| [answer["DocumentVersion"].clone(), answer["DefaultVersion"].clone()];
    assert_eq!((versions(&updated), &updated["Status"]), ([json!("2"), json!("1")], &json!("Updating")));
    assert_eq!([status("$LATEST"), status("$LATEST"), status("$LATEST")], ["Updating", "Updating", "Active"]);
    assert_eq!(version(&ssm, "$DEFAULT").2["idleSessionTimeout"], "20", "the default stays");
    assert_eq!(
        code(ssm.refused("UpdateDocument", &update(&first, "1"))),
        "InvalidDocumentVersion",
        "it is not the latest"
    );

    let default = |version: &str| json!({ "Name": NAME, "DocumentVersion": version });
    assert_eq!(code(ssm.refused("UpdateDocumentDefaultVersion", &default("$LATEST"))), "ValidationException");
    assert_eq!(code(ssm.refused("UpdateDocumentDefaultVersion", &default("3"))), "InvalidDocumentVersion");
    let answer = ssm.ok("UpdateDocumentDefaultVersion", &default("2"));
    assert_eq!(answer["Description"], json!({ "Name": NAME, "DefaultVersion": "2" }));
    let numbers = [0; 3].map(|_| version(&ssm, "$DEFAULT").0);
    assert_eq!(numbers, ["1", "1", "2"]);
    let written = ["CreateDocument", "UpdateDocument", "UpdateDocumentDefaultVersion"];
    assert_eq!(simulation.written(), written.map(|name| format!("ssm:{name} {CALLER} {REGION}")));
    assert!(simulation.was_written_to());
    let elsewhere = Ssm::new(&simulation, "eu-central-1").refused("GetDocument", &json!({ "Name": NAME }));
    assert_eq!(code(elsewhere), "InvalidDocument", "a document is one of its Region");
}

#[test]
fn contents_that_are_no_session_document_are_refused() {
    let simulation = world("", "");
    let ssm = Ssm::new(&simulation, REGION);
    let create = |content: &str| {
        ssm.refused("CreateDocument", &json!({ "Name": NAME, "Content": content, "DocumentType": "Session" }))
    };
    let schema = "2.0 is not a valid schema version for Session document type".to_owned();
    assert_eq!(create("{\"schemaVersion\": \"2.0\"}"), ("InvalidDocumentSchemaVersion".to_owned(), schema));
    assert_eq!(code(create("{no JSON")), "InvalidDocumentContent");
    assert_eq!(code(create("{\"schemaVersion\": \"1.0\", \"sessionType\": \"Shell\"}")), "InvalidDocumentContent");
    assert_eq!(code(create(&"x".repeat(65_537))), "MaxDocumentSizeExceeded");
    let yaml = json!({ "Name": NAME, "DocumentType": "Session", "DocumentFormat": "YAML",
        "Content": "schemaVersion: '1.0'\nsessionType: Standard_Stream" });
    ssm.ok("CreateDocument", &yaml);
    let command = json!({ "Name": "Other", "DocumentType": "Command", "Content": "{}" });
    assert_eq!(code(ssm.refused("CreateDocument", &command)), "ValidationException");
    let name = json!({ "Name": "a b", "DocumentType": "Session", "Content": "{}" });
    assert_eq!(code(ssm.refused("CreateDocument", &name)), "ValidationException");
    assert_eq!(simulation.written().len(), 1, "what is refused changes nothing");
}

#[tokio::test]
async fn denials_name_the_document() {
    let denials = "denials: [{actions: ['ssm:GetDocument', 'ssm:DescribeSessions']}, {actions: ['ssm:CreateDocument'], \
                   layer: permissions_boundary, explicit: true}], permissions: {Reader: ['ssm:*']}, sessions: {'*': {}}";
    let simulation = start(denials, "");
    let ssm = Ssm::in_account(&simulation, OTHER, REGION).await;
    let denied = |operation: &str| {
        let (code, message) = ssm.refused(operation, &json!({ "Name": NAME, "State": "Active" }));
        assert_eq!(code, "AccessDeniedException");
        message
    };
    let user = format!("User: arn:aws:sts::{OTHER}:assumed-role/Reader/audit is not authorized to perform:");
    let document = format!("on resource: arn:aws:ssm:{REGION}:{OTHER}:document/{NAME}");
    let because = "because no identity-based policy allows the ssm:GetDocument action";
    assert_eq!(denied("GetDocument"), format!("{user} ssm:GetDocument {document} {because}"));
    let deny = "with an explicit deny in a permissions boundary";
    assert_eq!(denied("CreateDocument"), format!("{user} ssm:CreateDocument {document} {deny}"));
    let (_, message) = ssm.refused("DescribeSessions", &json!({ "State": "Active" }));
    assert!(message.contains(&format!("on resource: arn:aws:ssm:{REGION}:{OTHER}:* because")), "{message}");
    assert_eq!(code(ssm.refused("DescribeDocument", &json!({ "Name": NAME }))), "InvalidDocument", "it is allowed");
    let other = error_parts(macie(&simulation, REGION).await.get_macie_session().send().await);
    assert_eq!(other.1, "AccessDeniedException", "the role may do nothing but that");
}

#[test]
fn faults_speak_the_protocol_of_systems_manager() {
    let cases = [
        ("throttle", 400, "ThrottlingException", "Rate exceeded"),
        ("server_error", 500, "InternalServerError", "The request failed because of an unknown error."),
        ("expired_token", 400, "ExpiredTokenException", "The security token included in the request is expired"),
        (
            "unrecognized_client",
            400,
            "UnrecognizedClientException",
            "The security token included in the request is invalid.",
        ),
        ("{error: {code: InvalidNextToken, message: gone}}", 400, "InvalidNextToken", "gone"),
    ];
    for (fault, status, code, message) in cases {
        let simulation = world("{}", &format!("faults: [{{operations: ['ssm:*'], fault: {fault}}}]"));
        let (seen, body) = Ssm::new(&simulation, REGION).call("DescribeSessions", &json!({ "State": "Active" }));
        assert_eq!((seen, &body["__type"], &body["Message"]), (status, &json!(code), &json!(message)), "{fault}");
    }
    let simulation = world("{}", "");
    let off = Ssm::new(&simulation, "me-south-1").refused("GetDocument", &json!({ "Name": NAME }));
    assert_eq!(code(off), "UnrecognizedClientException", "a Region that is off");
    Ssm::new(&simulation, "eu-north-1").ok("GetDocument", &json!({ "Name": NAME }));
    assert_eq!(simulation.calls()["ssm:GetDocument"], 2);
}
