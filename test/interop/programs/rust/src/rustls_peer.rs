//! rustls as an end of a run: it sends what it reads, and prints what it is sent.

mod program;

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::sync::mpsc::{Receiver, TryRecvError};
use std::sync::Arc;
use std::time::Duration;

use program::{hex, listen, Arguments, Failure, Said};
use rustls::client::{
    ClientSessionMemoryCache, ClientSessionStore, Resumption, Tls12ClientSessionValue,
    Tls13ClientSessionValue,
};
use rustls::crypto::aws_lc_rs::{self, kx_group};
use rustls::crypto::{CryptoProvider, SupportedKxGroup};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::server::WebPkiClientVerifier;
use rustls::{
    ClientConfig, ClientConnection, Connection, KeyLogFile, NamedGroup, RootCertStore, ServerConfig,
    ServerConnection,
};

fn main() -> Result<(), Failure> {
    program::run(concat!("rustls ", env!("RUSTLS_VERSION")), connect, serve)
}

fn serve(given: &Arguments, said: &Receiver<Said>) -> Result<(), Failure> {
    let builder = ServerConfig::builder_with_provider(provider(given))
        .with_protocol_versions(&[&rustls::version::TLS13])?;
    let builder = if given.has("require-client") {
        let verifier = WebPkiClientVerifier::builder_with_provider(roots(given)?, provider(given));
        builder.with_client_cert_verifier(verifier.build()?)
    } else {
        builder.with_no_client_auth()
    };
    let (chain, key) = identity(given)?.ok_or("a server needs a certificate")?;
    let mut config = builder.with_single_cert(chain, key)?;
    config.key_log = Arc::new(KeyLogFile::new());
    config.alpn_protocols = alpn(given);
    config.send_tls13_tickets = if given.has("tickets") { 1 } else { 0 };
    config.max_early_data_size = if given.has("early-data") { 16384 } else { 0 };
    let config = Arc::new(config);
    listen(|stream| {
        let connection = ServerConnection::new(config.clone())?;
        converse(given, connection.into(), stream, said)
    })
}

fn connect(given: &Arguments, port: u16, said: &Receiver<Said>) -> Result<(), Failure> {
    let builder = ClientConfig::builder_with_provider(provider(given))
        .with_protocol_versions(&[&rustls::version::TLS13])?
        .with_root_certificates(roots(given)?);
    let mut config = match identity(given)? {
        Some((chain, key)) => builder.with_client_auth_cert(chain, key)?,
        None => builder.with_no_client_auth(),
    };
    config.key_log = Arc::new(KeyLogFile::new());
    config.alpn_protocols = alpn(given);
    config.enable_early_data = given.has("early");
    config.resumption = Resumption::store(Arc::new(SameShares(ClientSessionMemoryCache::new(8))));
    let config = Arc::new(config);
    for _ in 0..if given.has("tickets") { 2 } else { 1 } {
        let name = ServerName::try_from(given.need("name").to_string())?;
        let mut connection = ClientConnection::new(config.clone(), name)?;
        let stream = TcpStream::connect(("127.0.0.1", port))?;
        if let (Some(path), Some(mut early)) = (given.get("early"), connection.early_data()) {
            early.write_all(&std::fs::read(path)?)?;
        }
        converse(given, connection.into(), stream, said)?;
    }
    Ok(())
}

/// Sessions without the group that a server took: the second connection's shares are those of the first.
#[derive(Debug)]
struct SameShares(ClientSessionMemoryCache);

impl ClientSessionStore for SameShares {
    fn set_kx_hint(&self, _: ServerName<'static>, _: NamedGroup) {}

    fn kx_hint(&self, _: &ServerName<'_>) -> Option<NamedGroup> {
        None
    }

    fn set_tls12_session(&self, _: ServerName<'static>, _: Tls12ClientSessionValue) {}

    fn tls12_session(&self, _: &ServerName<'_>) -> Option<Tls12ClientSessionValue> {
        None
    }

    fn remove_tls12_session(&self, _: &ServerName<'static>) {}

    fn insert_tls13_ticket(&self, name: ServerName<'static>, value: Tls13ClientSessionValue) {
        self.0.insert_tls13_ticket(name, value);
    }

    fn take_tls13_ticket(&self, name: &ServerName<'static>) -> Option<Tls13ClientSessionValue> {
        self.0.take_tls13_ticket(name)
    }
}

/// Until one of the two closes.
fn converse(
    given: &Arguments,
    mut tls: Connection,
    mut stream: TcpStream,
    said: &Receiver<Said>,
) -> Result<(), Failure> {
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(Duration::from_millis(2)))?;
    let mut is_told = false;
    loop {
        while tls.wants_write() {
            tls.write_tls(&mut stream)?;
        }
        match tls.read_tls(&mut stream) {
            Ok(0) if !given.has("half-open") => return Ok(()),
            Ok(0) => {}
            Ok(_) => {
                if let Err(error) = tls.process_new_packets() {
                    while tls.wants_write() {
                        tls.write_tls(&mut stream)?;
                    }
                    stream.shutdown(std::net::Shutdown::Write)?;
                    return Err(error.into());
                }
            }
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {}
            Err(error) => return Err(error.into()),
        }
        if let Connection::Server(server) = &mut tls {
            if let Some(mut early) = server.early_data() {
                print(&mut early)?;
            }
        }
        if print(&mut tls.reader())? && !given.has("half-open") {
            tls.send_close_notify();
            tls.write_tls(&mut stream)?;
            return Ok(());
        }
        if tls.is_handshaking() {
            continue;
        }
        if !is_told {
            is_told = true;
            if let Some(label) = given.get("exporter") {
                let secret = tls.export_keying_material([0; 32], label.as_bytes(), None)?;
                eprintln!("exported {}", hex(&secret));
            }
        }
        match said.try_recv() {
            Ok(Said::Bytes(bytes)) => {
                for piece in bytes.chunks(1 << 14) {
                    tls.writer().write_all(piece)?;
                    while tls.wants_write() {
                        tls.write_tls(&mut stream)?;
                    }
                }
            }
            Ok(Said::Update) => tls.refresh_traffic_keys()?,
            Ok(Said::HalfClose) => tls.send_close_notify(),
            Ok(Said::Close) => {
                tls.send_close_notify();
                tls.write_tls(&mut stream)?;
                stream.shutdown(std::net::Shutdown::Write)?;
                stream.set_read_timeout(Some(Duration::from_secs(2)))?;
                let _ = stream.read(&mut [0; 1 << 14]);
                return Ok(());
            }
            Err(TryRecvError::Empty | TryRecvError::Disconnected) => {}
        }
    }
}

/// Prints what has come. True: no more will.
fn print(reader: &mut dyn Read) -> Result<bool, Failure> {
    let mut buffer = [0; 1 << 14];
    loop {
        match reader.read(&mut buffer) {
            Ok(0) => return Ok(true),
            Ok(count) => {
                std::io::stdout().write_all(&buffer[..count])?;
                std::io::stdout().flush()?;
            }
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(false),
            Err(error) => return Err(error.into()),
        }
    }
}

fn provider(given: &Arguments) -> Arc<CryptoProvider> {
    let mut provider = aws_lc_rs::default_provider();
    let groups = given.list("groups");
    if !groups.is_empty() {
        provider.kx_groups = groups.iter().map(|name| group(name)).collect();
    }
    let suites = given.list("suites");
    if !suites.is_empty() {
        provider.cipher_suites.retain(|suite| {
            let name = format!("{:?}", suite.suite());
            suites.iter().any(|wanted| name == *wanted)
        });
    }
    Arc::new(provider)
}

fn group(name: &str) -> &'static dyn SupportedKxGroup {
    match name {
        "x25519" => kx_group::X25519,
        "secp256r1" => kx_group::SECP256R1,
        "secp384r1" => kx_group::SECP384R1,
        "X25519MLKEM768" => kx_group::X25519MLKEM768,
        "SecP256r1MLKEM768" => kx_group::SECP256R1MLKEM768,
        "MLKEM768" => kx_group::MLKEM768,
        "MLKEM1024" => kx_group::MLKEM1024,
        _ => panic!("no group {name}"),
    }
}

fn alpn(given: &Arguments) -> Vec<Vec<u8>> {
    given.list("alpn").iter().map(|name| name.as_bytes().to_vec()).collect()
}

fn roots(given: &Arguments) -> Result<Arc<RootCertStore>, Failure> {
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(given.need("ca"))? {
        roots.add(certificate?)?;
    }
    Ok(Arc::new(roots))
}

type Identity = (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>);

fn identity(given: &Arguments) -> Result<Option<Identity>, Failure> {
    let Some(path) = given.get("certificate") else {
        return Ok(None);
    };
    let chain = CertificateDer::pem_file_iter(path)?.collect::<Result<_, _>>()?;
    Ok(Some((chain, PrivateKeyDer::from_pem_file(given.need("key"))?)))
}
