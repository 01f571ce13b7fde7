import java.nio.file.Path;
import java.util.Map;
import java.util.Scanner;
import org.neo4j.configuration.GraphDatabaseSettings;
import org.neo4j.configuration.connectors.BoltConnector;
import org.neo4j.configuration.connectors.ConnectorPortRegister;
import org.neo4j.configuration.connectors.ConnectorType;
import org.neo4j.configuration.helpers.SocketAddress;
import org.neo4j.dbms.api.DatabaseManagementServiceBuilder;
import org.neo4j.kernel.internal.GraphDatabaseAPI;

/**
 * A Neo4j Community server in the directory given: Bolt with passwords, on a free port of this machine only.
 *
 * <p>Standard input says the password of the user neo4j in its first line, and ends the server when it
 * closes, so the server never outlives whoever started it. Standard output says the port once all is ready.
 */
class Server {
    public static void main(String[] arguments) {
        var input = new Scanner(System.in);
        var password = input.nextLine();
        var address = new SocketAddress("127.0.0.1", 0);
        var service = new DatabaseManagementServiceBuilder(Path.of(arguments[0]))
                .setConfig(BoltConnector.enabled, true)
                .setConfig(BoltConnector.listen_address, address)
                .setConfig(GraphDatabaseSettings.auth_enabled, true)
                .setConfig(GraphDatabaseSettings.pagecache_memory, 64L << 20)
                .build();
        var system = service.database("system");
        var change = "ALTER USER neo4j SET PASSWORD $password CHANGE NOT REQUIRED";
        system.executeTransactionally(change, Map.of("password", password));
        var ports = ((GraphDatabaseAPI) system).getDependencyResolver().resolveDependency(ConnectorPortRegister.class);
        System.out.println(ports.getLocalAddress(ConnectorType.BOLT).getPort());
        while (input.hasNextLine()) {
            input.nextLine();
        }
        // Its data are thrown away, so nothing is worth an orderly end.
        Runtime.getRuntime().halt(0);
    }
}
