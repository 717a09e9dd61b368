import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.SynchronousQueue;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;

/**
 * JSSE as an end of a run. It sends what it reads, and prints what it is sent. A line "Q" alone closes the connection,
 * "H" only its own direction.
 */
public final class Peer {
    private static final Map<String, String> given = new HashMap<>();
    private static final BlockingQueue<byte[]> said = new SynchronousQueue<>();

    public static void main(String[] args) throws Exception {
        for (int at = 0; at < args.length; at++) {
            boolean isFlag = at + 1 == args.length || args[at + 1].startsWith("--");
            given.put(args[at].substring(2), isFlag ? "" : args[++at]);
        }
        Thread reader = new Thread(Peer::read);
        reader.setDaemon(true);
        reader.start();
        SSLContext context = context();
        if (given.containsKey("port")) {
            for (int i = 0; i < (given.containsKey("tickets") ? 2 : 1); i++) connect(context);
        } else {
            serve(context);
        }
        System.exit(0);
    }

    private static void serve(SSLContext context) throws Exception {
        InetAddress here = InetAddress.getByName("127.0.0.1");
        SSLServerSocket listener =
                (SSLServerSocket) context.getServerSocketFactory().createServerSocket(0, 50, here);
        System.err.println("listening on " + listener.getLocalPort());
        while (true) {
            SSLSocket socket = (SSLSocket) listener.accept();
            SSLParameters parameters = parameters(socket);
            parameters.setNeedClientAuth(given.containsKey("require-client"));
            converse(socket, parameters);
        }
    }

    private static void connect(SSLContext context) throws Exception {
        int port = Integer.parseInt(given.get("port"));
        String name = given.get("name");
        SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket(name, port);
        SSLParameters parameters = parameters(socket);
        parameters.setServerNames(List.of(new SNIHostName(name)));
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        converse(socket, parameters);
    }

    private static SSLParameters parameters(SSLSocket socket) throws Exception {
        socket.setTcpNoDelay(true);
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setProtocols(new String[] {"TLSv1.3"});
        if (given.containsKey("suites")) parameters.setCipherSuites(list("suites"));
        if (given.containsKey("alpn")) parameters.setApplicationProtocols(list("alpn"));
        if (given.containsKey("groups")) {
            // Since Java 20
            SSLParameters.class
                    .getMethod("setNamedGroups", String[].class)
                    .invoke(parameters, (Object) list("groups"));
        }
        return parameters;
    }

    /** Until one of the two closes. */
    private static void converse(SSLSocket socket, SSLParameters parameters) {
        try (socket) {
            socket.setSSLParameters(parameters);
            socket.startHandshake();
            Thread printer = new Thread(() -> print(socket));
            printer.start();
            OutputStream out = socket.getOutputStream();
            while (printer.isAlive() || given.containsKey("half-open")) {
                byte[] bytes = said.poll(2, java.util.concurrent.TimeUnit.MILLISECONDS);
                if (bytes == null) continue;
                if (Arrays.equals(bytes, "Q\n".getBytes())) break;
                if (Arrays.equals(bytes, "H\n".getBytes())) socket.shutdownOutput();
                else out.write(bytes);
            }
        } catch (IOException | InterruptedException error) {
            System.err.println(error);
        }
    }

    private static void print(SSLSocket socket) {
        byte[] buffer = new byte[1 << 16];
        try {
            InputStream in = socket.getInputStream();
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                System.out.write(buffer, 0, count);
                System.out.flush();
            }
        } catch (IOException error) {
            System.err.println(error);
        }
    }

    private static void read() {
        byte[] buffer = new byte[1 << 16];
        try {
            for (int count = System.in.read(buffer); count >= 0; count = System.in.read(buffer)) {
                said.put(Arrays.copyOf(buffer, count));
            }
        } catch (IOException | InterruptedException error) {
            System.err.println(error);
        }
    }

    private static String[] list(String name) {
        return given.get(name).split(",");
    }

    private static SSLContext context() throws Exception {
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        trusted.setCertificateEntry("authority", certificates(given.get("ca"))[0]);
        TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
        trust.init(trusted);
        KeyManagerFactory keys = KeyManagerFactory.getInstance("PKIX");
        KeyStore own = KeyStore.getInstance("PKCS12");
        own.load(null, null);
        if (given.containsKey("certificate")) {
            Certificate[] chain = certificates(given.get("certificate"));
            own.setKeyEntry("own", key(given.get("key")), new char[0], chain);
        }
        keys.init(own, new char[0]);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
        return context;
    }

    private static Certificate[] certificates(String path) throws Exception {
        try (InputStream in = Files.newInputStream(Path.of(path))) {
            return CertificateFactory.getInstance("X.509")
                    .generateCertificates(in)
                    .toArray(new Certificate[0]);
        }
    }

    private static PrivateKey key(String path) throws Exception {
        String text = Files.readString(Path.of(path)).replaceAll("-----[^-]+-----", "");
        byte[] der = Base64.getMimeDecoder().decode(text);
        for (String algorithm : new String[] {"EC", "RSA", "EdDSA", "ML-DSA"}) {
            try {
                return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(der));
            } catch (InvalidKeySpecException | java.security.NoSuchAlgorithmException error) {
                // It is a key of another algorithm
            }
        }
        throw new IOException("no key of a known algorithm in " + path);
    }
}
