//! What all programs here have in common: their arguments, how they start, and what is read and printed.

use std::collections::HashMap;
use std::io::Read;
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{channel, Receiver};

pub type Failure = Box<dyn std::error::Error>;

/// What the arguments ask for: a client is given a port; `version` is printed for `--version`.
pub fn run(
    version: &str,
    connect: fn(&Arguments, u16, &Receiver<Said>) -> Result<(), Failure>,
    serve: fn(&Arguments, &Receiver<Said>) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let given = Arguments::read();
    if given.has("version") {
        println!("{version}");
        return Ok(());
    }
    let said = said();
    match given.get("port") {
        Some(port) => connect(&given, port.parse()?, &said),
        None => serve(&given, &said),
    }
}

/// Takes connections one after the other, on a port that it prints, and prints why one failed.
pub fn listen(mut take: impl FnMut(TcpStream) -> Result<(), Failure>) -> Result<(), Failure> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    eprintln!("listening on {}", listener.local_addr()?.port());
    for stream in listener.incoming() {
        if let Err(error) = take(stream?) {
            eprintln!("{error}");
        }
    }
    Ok(())
}

pub struct Arguments(HashMap<String, String>);

impl Arguments {
    /// `--name value`; a name without a value is a flag.
    fn read() -> Self {
        let mut found = HashMap::new();
        let mut given = std::env::args().skip(1).peekable();
        while let Some(name) = given.next() {
            let value = given.next_if(|next| !next.starts_with("--")).unwrap_or_default();
            found.insert(name.trim_start_matches("--").to_string(), value);
        }
        Self(found)
    }

    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    pub fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    pub fn need(&self, name: &str) -> &str {
        self.get(name).unwrap_or_else(|| panic!("--{name} is missing"))
    }

    pub fn list(&self, name: &str) -> Vec<&str> {
        self.get(name).map(|names| names.split(',').collect()).unwrap_or_default()
    }
}

/// What comes of a piece of the standard input.
pub enum Said {
    Bytes(Vec<u8>),
    Update,
    Close,
    HalfClose,
}

/// The standard input piece by piece; `K`, `Q` and `H` alone on a line are commands.
fn said() -> Receiver<Said> {
    let (give, take) = channel();
    std::thread::spawn(move || {
        let mut buffer = vec![0; 1 << 16];
        while let Ok(count @ 1..) = std::io::stdin().read(&mut buffer) {
            let said = match &buffer[..count] {
                b"K\n" => Said::Update,
                b"Q\n" => Said::Close,
                b"H\n" => Said::HalfClose,
                bytes => Said::Bytes(bytes.to_vec()),
            };
            if give.send(said).is_err() {
                return;
            }
        }
    });
    take
}

pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
