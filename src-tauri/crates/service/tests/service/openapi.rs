//! The OpenAPI document, as it is checked in.

use std::collections::BTreeSet;
use std::path::PathBuf;

use http::{Method, StatusCode};
use serde_json::Value;
use settings_privacy_api::paths;
use settings_privacy_service::openapi_document;

use crate::support::*;

const METHODS: [&str; 5] = ["get", "put", "post", "delete", "patch"];

fn api() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../api")
}

fn document() -> Value {
    serde_json::from_str(&openapi_document()).unwrap()
}

/// Every operation: its path, its method, itself.
fn operations(document: &Value) -> Vec<(String, &'static str, &Value)> {
    let paths = document["paths"].as_object().unwrap();
    let operations = paths.iter().flat_map(|(path, item)| {
        METHODS
            .iter()
            .filter_map(move |method| Some((path.clone(), *method, item.get(method)?)))
    });
    operations.collect()
}

#[test]
fn the_openapi_document_that_is_checked_in_is_the_one_the_code_makes() {
    let path = api().join("openapi.json");
    if std::env::var_os("UPDATE_OPENAPI").is_some_and(|value| value == "1") {
        std::fs::write(&path, openapi_document()).unwrap();
    }
    let checked_in = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        checked_in == openapi_document(),
        "src-tauri/crates/api/openapi.json is stale: run `cargo xtask openapi`"
    );
}

#[test]
fn the_openapi_document_has_exactly_the_contracts_paths() {
    let source = std::fs::read_to_string(api().join("src/lib.rs")).unwrap();
    let (_, module) = source.split_once("pub mod paths {").unwrap();
    let constants = module
        .lines()
        .filter(|line| line.trim_start().starts_with("pub const"));
    let contract: BTreeSet<String> = constants
        .map(|line| line.split('"').nth(1).unwrap().to_owned())
        .collect();
    assert!(contract.contains(paths::CONSENTS), "the constants are read");
    let document = document();
    let described: BTreeSet<String> = document["paths"].as_object().unwrap().keys().cloned().collect();
    assert_eq!(contract, described);
}

#[test]
fn the_openapi_document_is_whole() {
    let document = document();
    assert_eq!(document["openapi"], "3.1.0");
    let mut names = BTreeSet::new();
    for (path, method, operation) in operations(&document) {
        let name = operation["operationId"].as_str().unwrap();
        assert!(names.insert(name.to_owned()), "{name} names one operation");
        assert!(operation["summary"].is_string(), "{name}");
        let responses = operation["responses"].as_object().unwrap();
        assert!(responses.contains_key("default"), "{name} says how it refuses");
        for (status, response) in responses {
            assert!(
                response["description"].is_string(),
                "{name} {status}: OpenAPI 3.1 asks for it"
            );
        }
        let parameters: Vec<&Value> = operation["parameters"].as_array().into_iter().flatten().collect();
        let key = parameters
            .iter()
            .find(|parameter| parameter["name"] == "idempotency-key");
        assert_eq!(key.is_some(), method != "get", "{method} {path}");
        assert!(key.is_none_or(|key| key["required"] == true));
    }
    for reference in references(&document) {
        let pointer = reference.trim_start_matches('#');
        assert!(document.pointer(pointer).is_some(), "{reference} leads somewhere");
    }
    assert_eq!(
        document["components"]["securitySchemes"]["session"]["scheme"],
        "bearer"
    );
}

fn references(value: &Value) -> Vec<String> {
    match value {
        Value::Object(fields) => {
            let here = fields.get("$ref").and_then(Value::as_str).map(str::to_owned);
            here.into_iter()
                .chain(fields.values().flat_map(references))
                .collect()
        }
        Value::Array(values) => values.iter().flat_map(references).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Vec::new(),
    }
}

#[tokio::test]
async fn the_openapi_document_tells_the_truth_about_what_needs_a_session() {
    let tried = a_service().await;
    let document = document();
    for (path, method, operation) in operations(&document) {
        let path = path.replace("{id}", &uuid::Uuid::new_v4().to_string());
        let method: Method = method.to_ascii_uppercase().parse().unwrap();
        let call = tried.call(method.clone(), &path).key(uuid::Uuid::new_v4());
        let reply = call.text("application/json", "{}").send().await;
        let is_for_a_session = reply.status == StatusCode::UNAUTHORIZED;
        assert_eq!(
            is_for_a_session,
            operation.get("security").is_some(),
            "{method} {path}: {reply:?}"
        );
    }
}

#[tokio::test]
async fn the_service_hands_out_its_openapi_document() {
    let tried = a_service().await;
    let reply = tried.call(Method::GET, paths::OPENAPI).send().await;
    assert_eq!(reply.body, openapi_document());
    assert!(reply.header("cache-control").unwrap().contains("max-age"));
}
