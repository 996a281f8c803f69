//! The source files of the workspace with what each defines, imports and names.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::{Path, PathBuf};

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens as _;
use syn::spanned::Spanned as _;
use syn::{Attribute, Block, ImplItem, Item, ReturnType, Signature, TraitItem, UseTree, Visibility};

/// More steps than any chain of re-exports has.
const MAX_REEXPORTS: usize = 16;

/// Every module that is a file, by its path: `driftline::aws::role`.
pub(crate) struct SourceTree {
    pub(crate) modules: BTreeMap<String, Module>,
}

/// A file.
pub(crate) struct Module {
    /// The path from the root of the workspace.
    pub(crate) file: PathBuf,
    pub(crate) text: String,
    /// Lines without unit tests.
    pub(crate) lines: usize,
    pub(crate) functions: Vec<Function>,
    items: BTreeSet<String>,
    imports: Vec<Import>,
    /// Paths of two or more segments outside imports, macros included.
    paths: BTreeSet<Vec<String>>,
    words: BTreeSet<String>,
}

/// A function or method with a body.
pub(crate) struct Function {
    pub(crate) name: String,
    pub(crate) line: usize,
    pub(crate) lines: usize,
    pub(crate) parameters: usize,
    /// Whether it returns its own type.
    pub(crate) is_constructor: bool,
}

/// One name of a `use` declaration; without a name, a glob.
struct Import {
    name: Option<String>,
    path: Vec<String>,
    is_reexport: bool,
}

/// The root of the workspace.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Files below a folder of the workspace whose names end in one of the extensions, sorted.
pub(crate) fn files(folder: &str, extensions: &[&str]) -> Vec<PathBuf> {
    let walk = walkdir::WalkDir::new(root().join(folder)).sort_by_file_name().into_iter();
    walk.filter_map(Result::ok)
        .map(walkdir::DirEntry::into_path)
        .filter(|path| path.extension().is_some_and(|found| extensions.iter().any(|extension| found == *extension)))
        .collect()
}

impl SourceTree {
    /// Parses the library and every crate of the workspace.
    pub(crate) fn parse() -> Self {
        let mut sources = vec![("driftline".to_owned(), root().join("src"))];
        for entry in root().join("crates").read_dir().into_iter().flatten().flatten() {
            sources.push((entry.file_name().to_string_lossy().into_owned(), entry.path().join("src")));
        }
        let mut modules = BTreeMap::new();
        for (name, source) in sources {
            for path in files(&source.to_string_lossy(), &["rs"]) {
                let below = path.strip_prefix(&source).expect("a file below its folder").with_extension("");
                let mut parts: Vec<_> = below.iter().map(|part| part.to_string_lossy().into_owned()).collect();
                if parts.last().is_some_and(|last| last == "mod" || last == "lib") {
                    parts.pop();
                }
                parts.insert(0, name.clone());
                modules.insert(parts.join("::"), Module::parse(&path));
            }
        }
        Self { modules }
    }

    /// The modules whose items each module uses. A re-export alone is no use.
    pub(crate) fn uses(&self) -> BTreeMap<&str, BTreeSet<&str>> {
        let used_by = |name: &str, module: &Module| -> BTreeSet<&str> {
            let imports = module.imports.iter().filter(|import| {
                !import.is_reexport || import.name.as_ref().is_some_and(|name| module.words.contains(name))
            });
            let paths = imports.map(|import| &import.path).chain(&module.paths);
            paths.filter_map(|path| self.resolve(name, path, MAX_REEXPORTS)).filter(|used| *used != name).collect()
        };
        self.modules.iter().map(|(name, module)| (name.as_str(), used_by(name, module))).collect()
    }

    /// The module that defines the item at a path, seen from a module.
    fn resolve(&self, from: &str, path: &[String], depth: usize) -> Option<&str> {
        let depth = depth.checked_sub(1)?;
        let (mut at, mut rest) = (from.to_owned(), path);
        while let [first, more @ ..] = rest {
            match first.as_str() {
                "crate" => at.truncate(at.find("::").unwrap_or(at.len())),
                "self" => {}
                "super" => at.truncate(at.rfind("::")?),
                _ => break,
            }
            rest = more;
        }
        while let [name, more @ ..] = rest {
            let (key, module) = self.modules.get_key_value(&at)?;
            let named = module.imports.iter().find(|import| import.name.as_ref() == Some(name));
            let child = format!("{at}::{name}");
            // A module and a function may share a name.
            if self.modules.contains_key(&child) && (!more.is_empty() || named.is_none()) {
                (at, rest) = (child, more);
                continue;
            }
            if module.items.contains(name) {
                return Some(key);
            }
            let onwards = |import: &Import, rest: &[String]| {
                let path: Vec<String> = import.path.iter().chain(rest).cloned().collect();
                self.resolve(&at, &path, depth)
            };
            return match named {
                Some(import) => onwards(import, more),
                None => {
                    module.imports.iter().filter(|import| import.name.is_none()).find_map(|glob| onwards(glob, rest))
                }
            };
        }
        None
    }

    /// The shortest circle of uses through each module that is in one, each circle once.
    pub(crate) fn circles(&self) -> BTreeSet<Vec<&str>> {
        let uses = self.uses();
        let from_least = |mut circle: Vec<_>| {
            let least = (0..circle.len()).min_by_key(|place| circle[*place]).unwrap_or(0);
            circle.rotate_left(least);
            circle
        };
        self.modules.keys().filter_map(|start| shortest_circle(&uses, start)).map(from_least).collect()
    }
}

/// The shortest way by which a module uses itself.
fn shortest_circle<'tree>(
    uses: &BTreeMap<&'tree str, BTreeSet<&'tree str>>,
    start: &'tree str,
) -> Option<Vec<&'tree str>> {
    let mut found_from = BTreeMap::new();
    let mut waiting = VecDeque::from([start]);
    while let Some(at) = waiting.pop_front() {
        if uses[at].contains(start) {
            let back = std::iter::successors(Some(at), |at| found_from.get(at).copied());
            let mut circle: Vec<_> = back.collect();
            circle.reverse();
            return Some(circle);
        }
        for next in &uses[at] {
            if *next != start && !found_from.contains_key(next) {
                found_from.insert(*next, at);
                waiting.push_back(*next);
            }
        }
    }
    None
}

impl Module {
    fn parse(path: &Path) -> Self {
        let text = std::fs::read_to_string(path).expect("UTF-8");
        let file = syn::parse_file(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let mut module = Self {
            file: path.strip_prefix(root()).expect("a file of the workspace").to_owned(),
            lines: text.lines().count(),
            text,
            functions: Vec::new(),
            items: BTreeSet::new(),
            imports: Vec::new(),
            paths: BTreeSet::new(),
            words: BTreeSet::new(),
        };
        for item in file.items {
            module.take(&item);
        }
        module
    }

    fn take(&mut self, item: &Item) {
        let (attributes, name) = match item {
            Item::Const(item) => (&item.attrs, Some(&item.ident)),
            Item::Enum(item) => (&item.attrs, Some(&item.ident)),
            Item::Fn(item) => (&item.attrs, Some(&item.sig.ident)),
            Item::Impl(item) => (&item.attrs, None),
            Item::Macro(item) => (&item.attrs, item.ident.as_ref()),
            // A module that is a file is told by the file.
            Item::Mod(item) => (&item.attrs, item.content.as_ref().map(|_| &item.ident)),
            Item::Static(item) => (&item.attrs, Some(&item.ident)),
            Item::Struct(item) => (&item.attrs, Some(&item.ident)),
            Item::Trait(item) => (&item.attrs, Some(&item.ident)),
            Item::Type(item) => (&item.attrs, Some(&item.ident)),
            Item::Use(item) => (&item.attrs, None),
            other => panic!("an item of another kind: {}", other.to_token_stream()),
        };
        if attributes.iter().any(is_test) {
            let span = item.span();
            self.lines -= span.end().line - span.start().line + 1;
            return;
        }
        self.items.extend(name.map(ToString::to_string));
        match item {
            Item::Mod(item) if item.content.is_none() => return,
            Item::Use(item) => {
                let is_reexport = !matches!(item.vis, Visibility::Inherited);
                return self.import(&item.tree, &mut Vec::new(), is_reexport);
            }
            Item::Fn(item) => self.function(&item.sig, &item.block, None),
            Item::Impl(implementation) => {
                let own = implementation.self_ty.to_token_stream().to_string();
                for item in &implementation.items {
                    if let ImplItem::Fn(method) = item {
                        self.function(&method.sig, &method.block, Some(&own));
                    }
                }
            }
            Item::Trait(item) => {
                for item in &item.items {
                    if let TraitItem::Fn(method) = item
                        && let Some(body) = &method.default
                    {
                        self.function(&method.sig, body, None);
                    }
                }
            }
            _ => {}
        }
        self.tokens(item.to_token_stream());
    }

    fn import(&mut self, tree: &UseTree, above: &mut Vec<String>, is_reexport: bool) {
        let mut add = |name: Option<String>, last: Option<String>| {
            let path = above.iter().cloned().chain(last).collect();
            self.imports.push(Import { name, path, is_reexport });
        };
        match tree {
            UseTree::Path(path) => {
                above.push(path.ident.to_string());
                self.import(&path.tree, above, is_reexport);
                above.pop();
            }
            UseTree::Group(group) => group.items.iter().for_each(|tree| self.import(tree, above, is_reexport)),
            UseTree::Name(name) if name.ident == "self" => add(above.last().cloned(), None),
            UseTree::Name(name) => add(Some(name.ident.to_string()), Some(name.ident.to_string())),
            UseTree::Rename(name) => add(Some(name.rename.to_string()), Some(name.ident.to_string())),
            UseTree::Glob(_) => add(None, None),
        }
    }

    fn function(&mut self, signature: &Signature, body: &Block, own: Option<&str>) {
        let (start, end) = (signature.span().start().line, body.span().end().line);
        let returned = match &signature.output {
            ReturnType::Type(_, returned) => returned.to_token_stream().to_string(),
            ReturnType::Default => String::new(),
        };
        let is_own = |word: &str| word == "Self" || own.is_some_and(|own| own.split(' ').next() == Some(word));
        self.functions.push(Function {
            name: signature.ident.to_string(),
            line: start,
            lines: end - start + 1,
            parameters: signature.inputs.len(),
            is_constructor: signature.receiver().is_none() && returned.split(' ').any(is_own),
        });
    }

    /// Collects the paths and words of some tokens, those of macros as well.
    fn tokens(&mut self, tokens: TokenStream) {
        let (mut path, mut colons) = (Vec::new(), 0);
        for token in tokens {
            match token {
                TokenTree::Ident(ident) => {
                    if colons != 2 {
                        self.path(&mut path);
                    }
                    self.words.insert(ident.to_string());
                    path.push(ident.to_string());
                    colons = 0;
                }
                TokenTree::Punct(punct) if punct.as_char() == ':' => colons += 1,
                TokenTree::Group(group) => {
                    self.path(&mut path);
                    self.tokens(group.stream());
                    colons = 0;
                }
                TokenTree::Punct(_) | TokenTree::Literal(_) => {
                    self.path(&mut path);
                    colons = 0;
                }
            }
        }
        self.path(&mut path);
    }

    fn path(&mut self, path: &mut Vec<String>) {
        let path = std::mem::take(path);
        if path.len() > 1 {
            self.paths.insert(path);
        }
    }
}

/// Whether an attribute leaves an item to the tests.
fn is_test(attribute: &Attribute) -> bool {
    let text = attribute.to_token_stream().to_string();
    text.starts_with("# [cfg (") && text.split(|letter: char| !letter.is_alphanumeric()).any(|word| word == "test")
}
