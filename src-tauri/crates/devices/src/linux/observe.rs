//! One look at the computer: how the app is installed, what Flatpak's files say, what the permission store holds.
//!
//! Whatever can't be read becomes a [`Problem`]; the rest stands. Nothing is concluded here.

use std::path::{Path, PathBuf};

use settings_privacy_core::permission::{
    Catalogue, Context, Install, Layer, LayerContext, Observation, Problem, Store,
};

use super::flatpak::install::{self, Deployed};
use super::flatpak::{KeyFile, Malformed, context, overrides};
use super::packages::Packages;
use super::permission_store::PermissionStore;
use super::{blocking, portal_keys};
use crate::error::DeviceError;
use crate::places::Places;

/// Looks at everything.
pub(super) async fn observe(
    places: &Places,
    packages: &Packages,
    permission_store: &PermissionStore,
    catalogue: &Catalogue,
) -> Observation {
    let app = &catalogue.app;
    let plain = packages.find(places, app).await;
    let (own_places, id) = (places.clone(), app.flatpak_id.clone());
    let sandboxed = blocking(move || {
        let deployed = install::find(&own_places, &id)?;
        Some(look(&own_places, &id, &deployed))
    })
    .await;
    let Some((install, layers, mut problems)) = sandboxed else {
        let install = plain.map_or(Install::Absent, |(kind, found)| Install::Package { kind, found });
        let reason = "DingTalk isn't installed as a Flatpak, so the desktop remembers nothing about it.";
        return Observation {
            install,
            layers: Vec::new(),
            store: Store::Unavailable {
                reason: reason.to_owned(),
            },
            problems: Vec::new(),
        };
    };
    let store = match permission_store
        .read(&app.flatpak_id, &portal_keys(catalogue))
        .await
    {
        Ok(held) => Store::Answered(held),
        Err(failure) => {
            let reason = failure.to_string();
            problems.push(Problem {
                code: "store-unavailable",
                message: reason.clone(),
                file: None,
            });
            Store::Unavailable { reason }
        }
    };
    if plain.is_some() {
        problems.push(Problem {
            code: "also-installed-unsandboxed",
            message: "DingTalk is also installed as a plain program; that one isn't held by these switches."
                .to_owned(),
            file: None,
        });
    }
    Observation {
        install,
        layers,
        store,
        problems,
    }
}

type Look = (Install, Vec<LayerContext>, Vec<Problem>);

/// Reads the app's metadata and every override that applies to it.
fn look(places: &Places, app: &str, deployed: &Deployed) -> Look {
    let mut layers = Vec::new();
    let mut problems = Vec::new();
    match manifest(&deployed.folder.join("metadata")) {
        Ok(context) => layers.push(LayerContext {
            layer: Layer::Manifest,
            context,
        }),
        Err(problem) => problems.push(problem),
    }
    for (layer, path) in install::overrides(places, deployed.scope, app) {
        match override_file(&path) {
            Ok(Some(context)) => layers.push(LayerContext { layer, context }),
            Ok(None) => {}
            Err(problem) => problems.push(problem),
        }
    }
    let install = Install::Flatpak {
        app_id: app.to_owned(),
        version: install::version(&deployed.folder, app),
        scope: deployed.scope,
    };
    (install, layers, problems)
}

fn parse(bytes: &[u8]) -> Result<Context, Malformed> {
    context::read(&KeyFile::parse(bytes)?)
}

fn manifest(path: &PathBuf) -> Result<Context, Problem> {
    let problem = |what: String| Problem {
        code: "metadata-malformed",
        message: format!(
            "DingTalk's own list of what it needs, the file “metadata” that Flatpak installed with it, {what}. What it may use can't be told. Repair it: flatpak repair, then flatpak update."
        ),
        file: Some(path.display().to_string()),
    };
    let bytes = std::fs::read(path).map_err(|error| problem(format!("can't be read ({error})")))?;
    parse(&bytes)
        .map_err(|Malformed { line, reason }| problem(format!("is damaged at line {line}: {reason}")))
}

fn override_file(path: &Path) -> Result<Option<Context>, Problem> {
    let file = overrides::name(path);
    let problem = |error: DeviceError| Problem {
        code: error.code(),
        message: error.to_string(),
        file: Some(path.display().to_string()),
    };
    let bytes = overrides::read(path).map_err(|source| {
        problem(DeviceError::OverrideUnreadable {
            file: file.clone(),
            source,
        })
    })?;
    let context = bytes.as_deref().map(parse).transpose();
    context.map_err(|Malformed { line, reason }| {
        problem(DeviceError::OverrideMalformed {
            file: file.clone(),
            line,
            reason,
        })
    })
}
